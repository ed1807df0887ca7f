/** Who may do what: the deployment's key, and the users that its holder acts as. */
@NullMarked
package dev.convexbackfill.local.auth;

import org.jspecify.annotations.NullMarked;
