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
package dev.convexbackfill.readerswriters.transform;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import com.sanctionco.jmail.JMail;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Normalize;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a text in its one form. */
record NormalizeTransform(Normalize spec) implements Transform {

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.field()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue value = spec.field().get(document);
        if (value == null || value == ConvexNull.NULL) {
            return document;
        }
        if (!(value instanceof ConvexString(String text))) {
            throw new TransformFailedException(
                    "normalize: '%s' holds %s and no string".formatted(spec.field(), value.typeName()));
        }
        String normal = switch (spec.as()) {
            case EMAIL -> email(trim(text));
            case PHONE -> phone(trim(text));
            case URL -> url(trim(text));
            case TRIM -> trim(text);
            case WHITESPACE -> TextCutter.WHITE_SPACE.matcher(trim(text)).replaceAll(" ");
            case LOWER -> text.toLowerCase(Locale.ROOT);
            case UPPER -> text.toUpperCase(Locale.ROOT);
            case NFC -> Normalizer.normalize(text, Form.NFC);
            case NFKC -> Normalizer.normalize(text, Form.NFKC);
        };
        if (normal == null) {
            throw new TransformFailedException("normalize: '%s' holds a text that is no %s".formatted(spec.field(),
                    switch (spec.as()) {
                        case EMAIL -> "e-mail address";
                        case PHONE -> spec.region() == null ? "telephone number with a country code"
                                : "telephone number";
                        default -> "address of the web";
                    }));
        }
        return Fields.set("normalize", spec.into(), document, ConvexValue.of(normal));
    }

    private static String trim(String text) {
        List<TextCutter.Part> words = TextCutter.of(new dev.convexbackfill.config.plan.Separator.WhiteSpace())
                .cut(text);
        return words.isEmpty() ? "" : text.substring(words.getFirst().start(), words.getLast().end());
    }

    private static @Nullable String email(String text) {
        return JMail.isValid(text) ? text.toLowerCase(Locale.ROOT) : null;
    }

    private @Nullable String phone(String text) {
        PhoneNumberUtil numbers = PhoneNumberUtil.getInstance();
        try {
            PhoneNumber number = numbers.parse(text, spec.region());
            return numbers.isValidNumber(number) ? numbers.format(number, PhoneNumberFormat.E164) : null;
        } catch (NumberParseException _) {
            return null;
        }
    }

    private static @Nullable String url(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            int defaultPort = scheme.equals("https") ? 443 : scheme.equals("http") ? 80 : 0;
            String authority = uri.getRawAuthority();
            if (defaultPort == 0 || authority == null || uri.getRawUserInfo() != null) {
                return null;
            }
            int colon = authority.lastIndexOf(':');
            boolean hasPort = colon >= 0 && authority.substring(colon + 1).chars().allMatch(Character::isDigit)
                    && !authority.endsWith("]");
            String host = hasPort ? authority.substring(0, colon) : authority;
            String port = hasPort ? authority.substring(colon + 1) : "";
            if (host.isEmpty()) {
                return null;
            }
            String ascii = host.startsWith("[") ? host : IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES);
            boolean showsPort = !port.isEmpty() && Integer.parseInt(port) != defaultPort;
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return scheme + "://" + ascii.toLowerCase(Locale.ROOT) + (showsPort ? ":" + Integer.parseInt(port) : "")
                    + path + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                    + (uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment());
        } catch (URISyntaxException | IllegalArgumentException _) {
            return null;
        }
    }
}
