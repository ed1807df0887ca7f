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
package dev.convexbackfill.job.campaign;

import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Not a test, but a benchmark: what the runner's heap holds after full collections, in the middle and near the end of a small table
 * and of a large one; and what it holds at most while the run is verified, and while it is undone. Started by
 * {@code build/runner-memory}.
 */
class RunnerMemory {

    private static final List<Integer> TABLES = List.of(100_000, 1_000_000);
    private static final List<Double> MOMENTS = List.of(0.5, 0.9);
    private static final List<String> WHEN = List.of("run, at 50 %", "run, at 90 %", "verify", "rollback");
    /** Of the collectors' lines, such as {@code total 63488K, used 31012K}. */
    private static final Pattern USED = Pattern.compile(", used (\\d+)K");

    @TempDir
    private Path folder;

    @Test
    void heapAfterAFullCollection() throws IOException, InterruptedException {
        List<List<Long>> used = new ArrayList<>();
        for (int documents : TABLES) {
            Path own = Files.createDirectory(folder.resolve("of-" + documents));
            try (Campaign campaign = new Campaign(own, Kind.H2.create(own), documents)) {
                List<Long> ofTable = new ArrayList<>();
                JavaProcess runner = campaign.run(1_000_000);
                for (double moment : MOMENTS) {
                    campaign.awaitLedger(ledger -> ledger.read() >= documents * moment);
                    ofTable.add(heapUsed(runner.pid()));
                }
                campaign.requireExit(runner, 0);
                campaign.requireExactlyOnce();
                ofTable.add(mostOf(campaign, "verify"));
                ofTable.add(mostOf(campaign, "rollback"));
                used.add(ofTable);
                System.out.printf("%,9d documents: %s KiB%n", documents, ofTable);
            }
        }
        for (int i = 0; i < WHEN.size(); i++) {
            System.out.printf("%-12s %.2f times the heap for 10 times the documents%n", WHEN.get(i),
                    (double) used.get(1).get(i) / used.get(0).get(i));
        }
    }

    private static long mostOf(Campaign campaign, String command) throws InterruptedException {
        JavaProcess process = campaign.command(command, Campaign.RUN);
        long most = 0;
        while (process.isAlive()) {
            try {
                most = Math.max(most, heapUsed(process.pid()));
            } catch (IOException ended) {
                // between being asked and answering
            }
        }
        campaign.requireExit(process, 0);
        return most;
    }

    private static long heapUsed(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
        long sum = 0;
        Matcher matcher = USED.matcher(jcmd(pid, "GC.heap_info"));
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
        }
        return sum;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid), command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(printed);
        }
        return printed;
    }
}
