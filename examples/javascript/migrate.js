// What becomes of a user. `doc` is the document as Convex gives it: int64 is a BigInt, bytes are an ArrayBuffer.
//
// Return the fields to change, as you would give them to `ctx.db.patch`: one that is `undefined` is removed, and all
// others stay as they are. Return nothing if the document is already as it should be. Throw if it can't be changed:
// it goes into quarantine with your message, and the run goes on.
export function migrateOne(doc) {
  if (doc.firstName !== undefined) {
    return;
  }
  const [firstName, ...rest] = doc.fullName.trim().split(/\s+/);
  if (rest.length === 0) {
    throw new Error("the name has only one word");
  }
  return {
    firstName,
    lastName: rest.join(" "),
    profile: { bio: doc.bio, city: doc.city, email: doc.email.toLowerCase() },
    balance: BigInt(Math.round(Number(doc.credits ?? 0))),
    // these have moved
    bio: undefined,
    city: undefined,
    credits: undefined,
  };
}
