/** Enriches documents from a table in PostgreSQL. */
@NullMarked
package com.example.lookup;

import org.jspecify.annotations.NullMarked;
