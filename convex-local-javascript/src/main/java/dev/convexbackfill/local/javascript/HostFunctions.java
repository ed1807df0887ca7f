/*
 * Copyright 2026 the convex-backfill authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with
 * the License. You may obtain a copy of the License at https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on
 * an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the
 * specific language governing permissions and limitations under the License.
 */
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.LogLines;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.jspecify.annotations.Nullable;

/** The few functions of the host that the environment of JavaScript calls. Nothing throws into JavaScript. */
final class HostFunctions {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Deque<Submitted> submitted = new ArrayDeque<>();
    /** By when they are due, in nanoseconds as {@link System#nanoTime}; several may be due at once. */
    private final TreeMap<Long, List<Integer>> timers = new TreeMap<>();
    private final Map<String, @Nullable String> importedVariables = new TreeMap<>();
    private @Nullable Syscalls syscalls;
    private boolean isLoading;
    private @Nullable Outcome outcome;
    private @Nullable RuntimeException fatal;

    /** A syscall that waits for its answer. */
    record Submitted(String operation, String arguments) {}

    /** Begins a call. */
    void begin(Syscalls through, boolean whileLoading) {
        syscalls = through;
        isLoading = whileLoading;
        outcome = null;
        fatal = null;
        submitted.clear();
        timers.clear();
    }

    /** What JavaScript gets. */
    ProxyObject toObject() {
        return ProxyObject.fromMap(Map.of(
                "sync", function(arguments -> sync(arguments[0].asString(), arguments[1].asString())),
                "submit", function(arguments -> submit(arguments[0].asString(), arguments[1].asString())),
                "settled", function(this::settled),
                "log", function(arguments -> log(arguments[0].asString(), arguments[1].asString())),
                "variable", function(arguments -> variable(arguments[0].asString())),
                "variables", function(_ -> variables()),
                "timer", function(arguments -> timer(arguments[0].asInt(), arguments[1].asDouble())),
                "digest", function(arguments -> digest(arguments[0].asString(), arguments[1].asString())),
                "hmac", function(arguments -> hmac(arguments[0].asString(), arguments[1].asString(),
                        arguments[2].asString())),
                "random", function(arguments -> random(arguments[0].asInt()))));
    }

    private interface Function {

        @Nullable
        Object call(Value[] arguments);
    }

    /** A Java exception in JavaScript would be no {@code Error}: it is kept, and ends the call as soon as that returns. */
    private ProxyExecutable function(Function function) {
        return arguments -> {
            try {
                Object result = function.call(arguments);
                return result == null ? NOTHING : result;
            } catch (RuntimeException failed) {
                fatal = failed;
                return NOTHING;
            }
        };
    }

    /** Of no use to JavaScript, which knows no null of the host. */
    private static final String NOTHING = "";

    private Syscalls syscalls() {
        if (syscalls == null) {
            throw new IllegalStateException("No function runs");
        }
        return syscalls;
    }

    /** {@code "+" + answer}, or {@code "-" + message}. */
    private String sync(String operation, String arguments) {
        try {
            return "+" + syscalls().sync(operation, arguments);
        } catch (SyscallFailedException failed) {
            return "-" + failed.getMessage();
        } catch (StackOverflowError _) {
            return "-Maximum call stack size exceeded";
        }
    }

    private @Nullable Object submit(String operation, String arguments) {
        submitted.add(new Submitted(operation, arguments));
        return null;
    }

    private @Nullable Object settled(Value[] arguments) {
        String text = arguments[1].isString() ? arguments[1].asString() : null;
        outcome = arguments[0].asBoolean() ? new Outcome.Returned(text)
                : new Outcome.Threw(String.valueOf(text), arguments[2].isString() ? arguments[2].asString() : null,
                        arguments[3].asString());
        return null;
    }

    private @Nullable Object log(String level, String line) {
        syscalls().log(LogLines.Level.valueOf(level), line);
        return null;
    }

    /** {@code "+" + value}, or nothing. */
    private @Nullable Object variable(String name) {
        String value = syscalls().environment().get(name);
        if (isLoading) {
            importedVariables.put(name, value);
        }
        return value == null ? null : "+" + value;
    }

    /** The names, as JSON. */
    private String variables() {
        List<ConvexValue> names = new ArrayList<>();
        syscalls().environment().keySet().stream().sorted().forEach(name -> names.add(ConvexValue.of(name)));
        return ConvexJson.encodeToString(ConvexValue.array(names));
    }

    private @Nullable Object timer(int number, double millis) {
        long nanos = (long) (Math.clamp(millis, 0, 1e9) * 1e6);
        timers.computeIfAbsent(System.nanoTime() + nanos, _ -> new ArrayList<>()).add(number);
        return null;
    }

    private static String digest(String algorithm, String data) {
        try {
            return latin1(MessageDigest.getInstance(algorithm).digest(data.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String hmac(String hash, String key, String data) {
        try {
            String name = "Hmac" + hash.replace("-", "");
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key.isEmpty() ? new byte[1] : key.getBytes(StandardCharsets.ISO_8859_1), name));
            return latin1(mac.doFinal(data.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return latin1(bytes);
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** How the promise was settled; null while it was not. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** Takes up to {@code limit} syscalls that wait, in the order of issue. */
    List<Submitted> takeSubmitted(int limit) {
        List<Submitted> taken = new ArrayList<>();
        while (taken.size() < limit && !submitted.isEmpty()) {
            taken.add(submitted.removeFirst());
        }
        return taken;
    }

    /** When the next timer is due; null if there is none. */
    @Nullable
    Long nextTimer() {
        return timers.isEmpty() ? null : timers.firstKey();
    }

    /** Takes the timers that are due. */
    int[] takeTimers() {
        List<Integer> due = new ArrayList<>();
        while (!timers.isEmpty() && timers.firstKey() - System.nanoTime() <= 0) {
            due.addAll(timers.pollFirstEntry().getValue());
        }
        return due.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Throws what ended the call while it ran JavaScript. */
    void throwFatal() {
        if (fatal != null) {
            throw fatal;
        }
    }

    /** Whether every variable that a module read while it was loaded is still the same. */
    boolean isLoadedWith(Map<String, String> environment) {
        return importedVariables.entrySet().stream()
                .allMatch(read -> Objects.equals(read.getValue(), environment.get(read.getKey())));
    }

    boolean hasImportedVariables() {
        return !importedVariables.isEmpty();
    }
}
