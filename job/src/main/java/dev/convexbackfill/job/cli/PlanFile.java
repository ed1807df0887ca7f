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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.config.plan.InvalidPlanException;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.job.code.UserCode;
import dev.convexbackfill.job.run.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads plans from files. */
final class PlanFile {

    private PlanFile() {}

    /** Throws {@link RefusedException} with everything that is wrong. */
    static Plan read(Path file) {
        try (UserCode code = new UserCode()) {
            Path folder = file.toAbsolutePath().getParent();
            return PlanParser.parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8),
                    code.in(folder == null ? Path.of("") : folder));
        } catch (NoSuchFileException missing) {
            throw new RefusedException("There is no plan '%s'; `./backfill init DIR` writes an example".formatted(file),
                    missing);
        } catch (IOException unreadable) {
            throw new RefusedException("The plan '%s' can't be read: %s".formatted(file, unreadable.getMessage()),
                    unreadable);
        } catch (InvalidPlanException invalid) {
            throw new RefusedException(invalid.getMessage() + "\nNothing was changed. Correct the plan and try again.",
                    invalid);
        }
    }
}
