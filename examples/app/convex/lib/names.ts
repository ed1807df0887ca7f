/** How the app shows a user, whatever shape the document has. */
export function displayName(user: { fullName?: string; firstName?: string; lastName?: string }): string {
  return user.firstName !== undefined ? `${user.firstName} ${user.lastName ?? ""}`.trim() : (user.fullName ?? "");
}
