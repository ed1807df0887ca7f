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
package dev.convexbackfill.local.function;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionDefinition.Body;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions that call functions, log, and have others called later. */
class FunctionRunnerTest {

    private final Store store = Store.inMemory(Clock.systemUTC());
    private final FunctionRunner runner = new FunctionRunner(store, TransactionLimits.CONVEX,
            store.secret(), StopSignal.never());
    private final List<FunctionDefinition> installed = new ArrayList<>();

    @AfterEach
    void close() {
        store.close();
    }

    private void install(String name, FunctionKind kind, Validator returns, Body body) {
        installed.add(new FunctionDefinition("m:" + name, kind, Visibility.INTERNAL, Validator.ANY, returns, body));
        runner.install(installed);
    }

    private void install(String name, FunctionKind kind, Body body) {
        install(name, kind, Validator.ANY, body);
    }

    private Completed run(String name, FunctionKind kind) {
        return runner.run("m:" + name, kind, ConvexObject.EMPTY, Caller.ADMIN, Disturbance.NONE);
    }

    private long documents() {
        install("count", FunctionKind.QUERY, (context, _) -> ConvexValue.number((double) context.db().count("users")));
        return (long) ((ConvexFloat64) run("count", FunctionKind.QUERY).value()).value();
    }

    private static ConvexValue insert(FunctionContext context) {
        return ConvexValue.of(context.db().insert("users", ConvexObject.EMPTY));
    }

    @Test
    void aMutationSeesWhatAMutationThatItCallsWrote() {
        install("inner", FunctionKind.MUTATION, (context, _) -> insert(context));
        install("outer", FunctionKind.MUTATION, (context, _) -> {
            ConvexString id = (ConvexString) context.call(FunctionKind.MUTATION, "m:inner", ConvexObject.EMPTY);
            return ConvexValue.of(context.db().get(id.value()) != null);
        });

        assertThat(run("outer", FunctionKind.MUTATION).value()).isEqualTo(ConvexValue.of(true));
        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void aCalledMutationThatFailsLeavesNothingAndTheCallerGoesOn() {
        install("inner", FunctionKind.MUTATION, (context, _) -> {
            insert(context);
            throw new FunctionFailedException(ConvexValue.of("no"));
        });
        install("outer", FunctionKind.MUTATION, (context, _) -> {
            insert(context);
            try {
                return context.call(FunctionKind.MUTATION, "m:inner", ConvexObject.EMPTY);
            } catch (FunctionFailedException failed) {
                return String.valueOf(failed.data()).equals("\"no\"") ? ConvexNull.NULL : ConvexValue.of("other");
            }
        });

        assertThat(run("outer", FunctionKind.MUTATION).value()).isEqualTo(ConvexNull.NULL);
        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void aQueryCannotCallAMutation() {
        install("inner", FunctionKind.MUTATION, (context, _) -> insert(context));
        install("outer", FunctionKind.QUERY,
                (context, _) -> context.call(FunctionKind.MUTATION, "m:inner", ConvexObject.EMPTY));

        assertThatThrownBy(() -> run("outer", FunctionKind.QUERY)).isInstanceOf(FunctionFailedException.class)
                .hasMessageContaining("A Query can't call a Mutation");
    }

    @Test
    void anEndlessChainOfCallsIsRefused() {
        install("again", FunctionKind.QUERY,
                (context, _) -> context.call(FunctionKind.QUERY, "m:again", ConvexObject.EMPTY));

        assertThatThrownBy(() -> run("again", FunctionKind.QUERY)).hasMessageContaining("depth limit exceeded");
    }

    @Test
    void anActionsMutationsAreCommittedOneByOne() {
        install("inner", FunctionKind.MUTATION, (context, _) -> insert(context));
        install("act", FunctionKind.ACTION, (context, _) -> {
            context.call(FunctionKind.MUTATION, "m:inner", ConvexObject.EMPTY);
            throw new FunctionFailedException("Uncaught Error: too late");
        });

        assertThatThrownBy(() -> run("act", FunctionKind.ACTION)).hasMessage("Uncaught Error: too late");
        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void whatItAndThoseItCallsLogComesBackAlsoWhenItFails() {
        install("inner", FunctionKind.QUERY, (context, _) -> {
            context.log().add(LogLines.Level.WARN, "inner");
            return ConvexNull.NULL;
        });
        install("outer", FunctionKind.QUERY, (context, _) -> {
            context.log().add(LogLines.Level.LOG, "outer");
            return context.call(FunctionKind.QUERY, "m:inner", ConvexObject.EMPTY);
        });
        install("failing", FunctionKind.QUERY, (context, _) -> {
            context.log().add(LogLines.Level.ERROR, "before");
            throw new FunctionFailedException("Uncaught Error: x");
        });

        assertThat(run("outer", FunctionKind.QUERY).logLines()).containsExactly("[LOG] outer", "[WARN] inner");
        assertThatThrownBy(() -> run("failing", FunctionKind.QUERY)).isInstanceOfSatisfying(
                FunctionFailedException.class,
                failed -> assertThat(failed.logLines()).containsExactly("[ERROR] before"));
    }

    @Test
    void aResultThatIsNotWhatWasDeclaredIsAFailureAndUndoesTheMutation() {
        install("wrong", FunctionKind.MUTATION, Validator.NUMBER, (context, _) -> insert(context));

        assertThatThrownBy(() -> run("wrong", FunctionKind.MUTATION)).hasMessageStartingWith("ReturnsValidationError");
        assertThat(documents()).isZero();
    }

    @Test
    void whatIsScheduledIsWrittenWithTheTransactionAndCanBeTakenBack() {
        install("later", FunctionKind.MUTATION, (context, _) -> insert(context));
        install("schedule", FunctionKind.MUTATION,
                (context, _) -> ConvexValue
                        .of(context.schedule("m:later", ConvexObject.EMPTY, System.currentTimeMillis() + 1e9)));
        ConvexString id = (ConvexString) run("schedule", FunctionKind.MUTATION).value();
        install("cancel", FunctionKind.MUTATION, (context, _) -> {
            context.cancelScheduled(id.value());
            return ConvexNull.NULL;
        });
        install("look", FunctionKind.QUERY,
                (context, _) -> requireNonNull(context.db().get(id.value())).object("state"));

        ConvexValue before = run("look", FunctionKind.QUERY).value();
        run("cancel", FunctionKind.MUTATION);

        assertThat(before).isEqualTo(ConvexObject.of("kind", ConvexValue.of("pending")));
        assertThat(run("look", FunctionKind.QUERY).value())
                .isEqualTo(ConvexObject.of("kind", ConvexValue.of("canceled")));
    }

    @Test
    void anAppCannotWriteTheSystemsTables() {
        install("schedule", FunctionKind.MUTATION,
                (context, _) -> ConvexValue
                        .of(context.schedule("m:schedule", ConvexObject.EMPTY, System.currentTimeMillis() + 1e9)));
        ConvexString id = (ConvexString) run("schedule", FunctionKind.MUTATION).value();
        install("delete", FunctionKind.MUTATION, (context, _) -> {
            context.db().delete(id.value());
            return ConvexNull.NULL;
        });

        assertThatThrownBy(() -> run("delete", FunctionKind.MUTATION))
                .hasMessageContaining("'_scheduled_functions' can't be written");
    }
}
