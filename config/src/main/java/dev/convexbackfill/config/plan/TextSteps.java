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

import com.google.re2j.PatternSyntaxException;
import dev.convexbackfill.config.plan.TransformParser.Reader;
import dev.convexbackfill.config.plan.TransformSpec.Conversion;
import dev.convexbackfill.config.plan.TransformSpec.NormalForm;
import dev.convexbackfill.config.plan.TransformSpec.Remainder;
import dev.convexbackfill.config.plan.TransformSpec.Template;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the steps that take texts apart, put them together, or write them in another way. */
final class TextSteps {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final String WHITE_SPACE = "whitespace";
    private static final Set<String> REGIONS = Locale.getISOCountries(Locale.IsoCountryCode.PART1_ALPHA2);

    private TextSteps() {}

    static Map<String, Reader> readers() {
        Map<String, Reader> readers = new LinkedHashMap<>();
        readers.put("split", TextSteps::split);
        readers.put("combine", TextSteps::combine);
        readers.put("convert", TextSteps::convert);
        readers.put("normalize", TextSteps::normalize);
        return readers;
    }

    private static @Nullable TransformSpec split(YamlMapping of) {
        FieldPath from = of.field(of.require("from"), "from");
        List<FieldPath> into = of.fields(of.require("into"), "into", 2);
        Separator at = separator(of);
        String rest = of.choice(of.take("remainder"), "remainder", words(Remainder.values()));
        Remainder remainder = rest == null ? Remainder.LAST : Remainder.valueOf(rest.toUpperCase(Locale.ROOT));
        return from == null || into == null || at == null ? null
                : new TransformSpec.Split(from, into, at, remainder);
    }

    private static List<String> words(Enum<?>[] values) {
        List<String> words = new ArrayList<>();
        for (Enum<?> value : values) {
            words.add(value.name().toLowerCase(Locale.ROOT));
        }
        return words;
    }

    /** Of the key {@code at}. */
    static @Nullable Separator separator(YamlMapping of) {
        Node node = of.require("at");
        if (node instanceof MappingNode) {
            YamlMapping at = of.inner(node, "at");
            String regex = at == null ? null : at.text(at.require("pattern"), "pattern");
            if (at == null || regex == null) {
                return null;
            }
            at.close(Map.of());
            try {
                if (com.google.re2j.Pattern.compile(regex).matches("")) {
                    at.problem("pattern", "must not match the empty text");
                    return null;
                }
                return new Separator.Pattern(regex);
            } catch (PatternSyntaxException invalid) {
                at.problem("pattern", "is no regular expression: " + invalid.getMessage());
                return null;
            }
        }
        String text = of.text(node, "at");
        if (text != null && text.isEmpty()) {
            of.problem("at", "must be a text to cut at, { pattern: … }, or the word " + WHITE_SPACE);
            return null;
        }
        return text == null ? null
                : text.equals(WHITE_SPACE) ? new Separator.WhiteSpace() : new Separator.Text(text);
    }

    private static @Nullable TransformSpec combine(YamlMapping of) {
        String text = of.text(of.require("template"), "template");
        FieldPath into = of.field(of.require("into"), "into");
        Template template = text == null ? null : template(of, text);
        return template == null || into == null ? null : new TransformSpec.Combine(template, into);
    }

    private static @Nullable Template template(YamlMapping of, String text) {
        List<Template.Part> parts = new ArrayList<>();
        Matcher placeholder = PLACEHOLDER.matcher(text);
        int end = 0;
        boolean complete = true;
        boolean hasField = false;
        while (placeholder.find()) {
            if (placeholder.start() > end) {
                parts.add(new Template.Literal(text.substring(end, placeholder.start())));
            }
            end = placeholder.end();
            String problem = FieldPath.problemOfSource(placeholder.group(1));
            if (problem != null) {
                of.problem("template", problem);
                complete = false;
            } else {
                parts.add(new Template.Field(FieldPath.of(placeholder.group(1))));
                hasField = true;
            }
        }
        if (end < text.length()) {
            parts.add(new Template.Literal(text.substring(end)));
        }
        if (complete && !hasField) {
            of.problem("template", "must name at least one field in braces, as in '{firstName} {lastName}'");
            return null;
        }
        return complete ? new Template(parts) : null;
    }

    private static @Nullable TransformSpec convert(YamlMapping of) {
        Node asNode = of.take("as");
        Node fieldNode = of.require("field");
        FieldPath field = asNode == null ? of.field(fieldNode, "field") : of.source(fieldNode, "field");
        String type = of.choice(of.require("to"), "to",
                List.of("number", "int64", "string", "boolean", "timestamp", "date"));
        FieldPath as = asNode == null ? field : of.field(asNode, "as");
        Conversion conversion = switch (type) {
            case "number" -> new Conversion.ToNumber();
            case "int64" -> new Conversion.ToInt64();
            case "string" -> new Conversion.ToText();
            case "boolean" -> toBoolean(of);
            case "timestamp", "date" -> toTime(of, type.equals("timestamp"));
            case null, default -> null;
        };
        return conversion == null || field == null || as == null ? null
                : new TransformSpec.Convert(field, conversion, as);
    }

    private static @Nullable Conversion toBoolean(YamlMapping of) {
        Node yesNode = of.take("yes");
        Node noNode = of.take("no");
        List<String> yes = yesNode == null ? List.of("true") : of.texts(yesNode, "yes");
        List<String> no = noNode == null ? List.of("false") : of.texts(noNode, "no");
        if (yes != null && no != null && yes.stream().anyMatch(no::contains)) {
            of.problem(noNode == null ? "yes" : "no", "has a text that is also the opposite");
            return null;
        }
        return yes == null || no == null ? null : new Conversion.ToBoolean(yes, no);
    }

    private static @Nullable Conversion toTime(YamlMapping of, boolean isTimestamp) {
        String pattern = of.text(of.take("format"), "format");
        String zoneName = of.text(of.take("zone"), "zone");
        ZoneId zone = ZoneId.of("UTC");
        try {
            zone = zoneName == null ? zone : ZoneId.of(zoneName);
        } catch (DateTimeException _) {
            of.problem("zone", "must be a time zone such as Europe/Paris, not '%s'".formatted(zoneName));
            return null;
        }
        String problem = pattern == null ? null : problemOfPattern(pattern);
        if (problem != null) {
            of.problem("format", "must be a format such as dd.MM.uuuu: " + problem);
            return null;
        }
        return isTimestamp ? new Conversion.ToTimestamp(pattern, zone) : new Conversion.ToDate(pattern, zone);
    }

    private static @Nullable String problemOfPattern(String pattern) {
        try {
            DateTimeFormatter _ = DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
            return null;
        } catch (IllegalArgumentException invalid) {
            return invalid.getMessage();
        }
    }

    private static @Nullable TransformSpec normalize(YamlMapping of) {
        FieldPath field = of.field(of.require("field"), "field");
        String form = of.choice(of.require("as"), "as", words(NormalForm.values()));
        Node intoNode = of.take("into");
        FieldPath into = intoNode == null ? field : of.field(intoNode, "into");
        String region = of.text(of.take("region"), "region");
        if (region != null && !REGIONS.contains(region)) {
            of.problem("region", "must be a country's two letters, such as US, not '%s'".formatted(region));
            return null;
        }
        if (region != null && form != null && !form.equals("phone")) {
            of.problem("region", "is only for 'as: phone'");
            return null;
        }
        return field == null || form == null || into == null ? null
                : new TransformSpec.Normalize(field, NormalForm.valueOf(form.toUpperCase(Locale.ROOT)), region, into);
    }
}
