@NullMarked
package com.example.lookup;

import org.jspecify.annotations.NullMarked;
