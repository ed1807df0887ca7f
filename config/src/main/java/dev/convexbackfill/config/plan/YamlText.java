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
package dev.convexbackfill.config.plan;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Makes nodes of a file's text, and says what is wrong with it as YAML. */
final class YamlText {

    /** Far more than a plan has; the library recurses, and would run out of stack on a file that is made for it. */
    private static final int MAX_DEPTH = 64;
    private static final int MAX_CHARACTERS = 1 << 20;

    /** What the library says where people most often forget quotes. */
    private static final Map<String, String> HINTS = new TreeMap<>(Map.of(
            "mapping values are not allowed here",
            "; a text with ': ' in it needs quotes, and keys of one mapping the same"
                    + " indentation",
            "expected <block end>, but found",
            "; keys of one mapping need the same indentation, and a text that begins with"
                    + " {, [, &, *, !, |, >, %, @ or ` needs quotes",
            "cannot start any token", "; indent with spaces, and put a text that begins with %, @ or ` in quotes",
            "could not find expected ':'", "; a key, a colon, a space and a value make a line",
            "expected ',' or", "; a text with { or [ in it needs quotes"));

    private final String file;
    private final List<PlanProblem> problems;

    YamlText(String file, List<PlanProblem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Null, with a problem, if it is empty or no YAML that a plan can be. */
    @Nullable
    Node compose(String text) {
        if (text.length() > MAX_CHARACTERS) {
            problems.add(new PlanProblem(0, "", "is too large for a plan: it has %d characters, and %d are allowed"
                    .formatted(text.length(), MAX_CHARACTERS)));
            return null;
        }
        LoadSettings settings = LoadSettings.builder().setLabel(file).setSchema(new CoreSchema()).build();
        try {
            if (!isPlain(new Parse(settings).parseString(text).iterator())) {
                return null;
            }
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                problems.add(new PlanProblem(0, "", "the plan is empty; `backfill init` writes an example"));
            }
            return root.orElse(null);
        } catch (MarkedYamlEngineException broken) {
            int line = broken.getProblemMark().map(YamlText::line).orElse(0);
            problems.add(new PlanProblem(line, "", "is not valid YAML: " + withHint(broken.getProblem())));
        } catch (YamlEngineException broken) {
            problems.add(new PlanProblem(0, "", "is not valid YAML: "
                    + String.valueOf(broken.getMessage()).lines().findFirst().orElse("")));
        }
        return null;
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }

    private static String withHint(String problem) {
        return HINTS.entrySet().stream().filter(hint -> problem.contains(hint.getKey())).findFirst()
                .map(hint -> problem + hint.getValue()).orElse(problem);
    }

    /** Reports what the library takes and a plan does not need: it must be read by people, and always be small. */
    private boolean isPlain(Iterator<Event> events) {
        int depth = 0;
        int documents = 0;
        Set<Integer> reported = new HashSet<>();
        while (events.hasNext()) {
            Event event = events.next();
            int line = event.getStartMark().map(YamlText::line).orElse(0);
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                problems.add(new PlanProblem(line, "", "is nested more than %d levels deep".formatted(MAX_DEPTH)));
                return false;
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
            if (event instanceof DocumentStartEvent && ++documents == 2) {
                problems.add(new PlanProblem(line, "",
                        "has a second YAML document; a file holds one plan, without '---' after it"));
                return false;
            }
            if (event instanceof AliasEvent alias && reported.add(line)) {
                problems.add(new PlanProblem(line, "",
                        "a plan takes no aliases such as '*%s'; write the value out".formatted(alias.getAlias())));
            }
        }
        return reported.isEmpty();
    }
}
