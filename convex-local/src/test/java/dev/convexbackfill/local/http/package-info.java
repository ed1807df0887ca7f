@NullMarked
package dev.convexbackfill.local.http;

import org.jspecify.annotations.NullMarked;
