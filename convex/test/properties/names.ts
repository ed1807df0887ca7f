import { convexToJson, type Value } from "convex/values";

/** Real ids, and those of the test runtime, which are as long as most. */
const ID = /[0-9A-Za-z_]{31,37}/g;

/** What the ids of one deployment are called, so that the answers of several can be compared. */
export class Names {
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  add(name: string, id: string) {
    this.#names.set(id, name);
    this.#ids.set(name, id);
  }

  /** The name of an id; undefined if it has none. */
  name(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** The id that has this name here. */
  id(name: string): string {
    return this.#ids.get(name)!;
  }

  /**
   * A value as text, exactly: names instead of ids, no creation times, and fields in one order. Left out is why a schema or
   * a limit refused something: Convex's words are those of validator.rs and reads.rs, and the test runtime has its own.
   */
  text(value: unknown): string {
    return JSON.stringify(this.#plain(convexToJson(value as Value)));
  }

  #plain(json: unknown): unknown {
    if (typeof json === "string") {
      return json.replace(ID, (id) => this.#names.get(id) ?? id);
    }
    if (Array.isArray(json)) {
      return json.map((element) => this.#plain(element));
    }
    if (typeof json !== "object" || json === null) {
      return json;
    }
    const object = json as Record<string, unknown>;
    const isOthersText = object.reason === "rejected" || object.code === "tooLarge";
    return Object.keys(object)
      .sort()
      .filter((field) => field !== "_creationTime" && !(field === "message" && isOthersText))
      .map((field) => [field, this.#plain(object[field])]);
  }
}
