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
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.FunctionContext;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.store.InvalidOperationException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The syscalls of a function. Source: {@code environment/udf/async_syscall.rs} and {@code environment/action} of the Convex
 * backend.
 */
final class FunctionSyscalls implements Syscalls {

    private final FunctionContext context;
    private final DatabaseSyscalls database;
    private @Nullable Map<String, String> environment;

    FunctionSyscalls(FunctionContext context) {
        this.context = context;
        this.database = new DatabaseSyscalls(context);
    }

    @Override
    public String sync(String operation, String arguments) {
        return refusing(() -> {
            SyscallArguments parsed = SyscallArguments.parse(operation, arguments);
            String answer = isAction() ? null : database.sync(operation, parsed);
            if (answer == null) {
                throw new SyscallFailedException("Unknown operation " + operation);
            }
            return answer;
        });
    }

    @Override
    public String async(String operation, String arguments) {
        return refusing(() -> {
            if (operation.startsWith("1.0/storage")) {
                throw new SyscallFailedException("File storage is not supported by a local deployment");
            }
            SyscallArguments parsed = SyscallArguments.parse(operation, arguments);
            String answer = isAction() ? ofActions(operation, parsed) : database.async(operation, parsed);
            return answer == null ? ofAll(operation, parsed) : answer;
        });
    }

    private boolean isAction() {
        return context.function().kind() == FunctionKind.ACTION;
    }

    private interface Work {

        String run();
    }

    /** What Convex refuses can be caught; everything else can't. */
    private static String refusing(Work work) {
        try {
            return work.run();
        } catch (FunctionFailedException failed) {
            throw new SyscallFailedException(String.valueOf(failed.getMessage()), failed.data());
        } catch (InvalidOperationException | LimitExceededException | InvalidValueException refused) {
            throw new SyscallFailedException(String.valueOf(refused.getMessage()));
        }
    }

    private @Nullable String ofActions(String operation, SyscallArguments arguments) {
        return switch (operation) {
            case "1.0/actions/query" -> call(FunctionKind.QUERY, arguments);
            case "1.0/actions/mutation" -> call(FunctionKind.MUTATION, arguments);
            case "1.0/actions/action" -> call(FunctionKind.ACTION, arguments);
            case "1.0/actions/schedule" -> schedule(context, arguments);
            case "1.0/actions/cancel_job" -> cancel(context, arguments);
            case "1.0/actions/vectorSearch" -> throw new SyscallFailedException(
                    "Vector search is not supported by a local deployment");
            case "1.0/createServiceToken", "1.0/getServiceUrl" -> throw new SyscallFailedException(
                    "Convex's services are not available to a local deployment");
            default -> null;
        };
    }

    private String call(FunctionKind kind, SyscallArguments arguments) {
        return json(context.call(kind, FunctionReferences.path(arguments), arguments.object()));
    }

    static String schedule(FunctionContext context, SyscallArguments arguments) {
        return json(ConvexValue.of(context.schedule(FunctionReferences.path(arguments), arguments.object(),
                arguments.number("ts") * 1000)));
    }

    static String cancel(FunctionContext context, SyscallArguments arguments) {
        context.cancelScheduled(arguments.text("id"));
        return "null";
    }

    private String ofAll(String operation, SyscallArguments arguments) {
        return switch (operation) {
            case "1.0/createFunctionHandle" -> json(
                    ConvexValue.of(FunctionReferences.handle(FunctionReferences.path(arguments))));
            case "1.0/getUserIdentity" -> {
                ConvexObject user = context.user();
                yield json(user == null ? ConvexNull.NULL : user);
            }
            case "1.0/getFunctionMetadata" -> json(ConvexObject.of("name",
                    ConvexValue.of(context.function().path()), "componentPath", ConvexValue.of("")));
            case "1.0/getDeploymentMetadata" -> json(ConvexObject.builder().put("name", "local")
                    .putNullable("region", null).put("class", "s16").build());
            case "1.0/getRequestMetadata" -> requestMetadata();
            case "1.0/auditLog" -> "null";
            default -> throw new SyscallFailedException("Unknown async operation " + operation);
        };
    }

    private String requestMetadata() {
        if (context.function().kind() == FunctionKind.QUERY) {
            throw new SyscallFailedException("Cannot get request metadata in a Query");
        }
        return json(ConvexObject.builder().putNullable("ip", null).putNullable("userAgent", null)
                .put("requestId", "local").putNullable("scheduledFunctionId", null).putNullable("authToken", null)
                .build());
    }

    static String json(ConvexValue value) {
        return ConvexJson.encodeToString(value);
    }

    @Override
    public void log(LogLines.Level level, String line) {
        context.log().add(level, line);
    }

    @Override
    public Map<String, String> environment() {
        if (environment == null) {
            environment = context.environment();
        }
        return environment;
    }
}
