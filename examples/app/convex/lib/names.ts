/** How the app shows a user, whatever shape the document has. */
export function displayName(user: { fullName?: string; firstName?: string; lastName?: string }): string {
  return user.firstName !== undefined ? `${user.firstName} ${user.lastName ?? ""}`.trim() : (user.fullName ?? "");
}

/** The first word of a name, and the rest. */
export function nameParts(fullName: string): { firstName: string; lastName: string | undefined } {
  const [firstName = "", ...rest] = fullName.trim().split(/\s+/);
  return { firstName, lastName: rest.length === 0 ? undefined : rest.join(" ") };
}
