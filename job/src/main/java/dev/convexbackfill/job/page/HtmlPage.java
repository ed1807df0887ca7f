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
package dev.convexbackfill.job.page;

import freemarker.cache.ClassTemplateLoader;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Makes pages of templates. They load nothing, run nothing, and show all that they are given as text; their looks are in
 * {@code page.ftlh}, which templates import as {@code /page/page.ftlh}.
 */
public final class HtmlPage {

    private static final String TEMPLATES = "/dev/convexbackfill/job";

    private HtmlPage() {}

    /**
     * A whole HTML document.
     *
     * @param template its path below the package of all jobs, with an ending that says HTML: so all values are escaped
     * @param model    texts, booleans, lists and maps of them
     */
    public static String of(String template, Map<String, Object> model) {
        if (!template.endsWith(".ftlh")) {
            throw new IllegalArgumentException(
                    "The template '%s' must end with '.ftlh', so that values are escaped".formatted(template));
        }
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
        configuration.setTemplateLoader(new ClassTemplateLoader(HtmlPage.class, TEMPLATES));
        configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
        configuration.setLocale(Locale.ROOT);
        configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        configuration.setLogTemplateExceptions(false);
        configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
        StringWriter page = new StringWriter();
        try {
            configuration.getTemplate(template).process(model, page);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } catch (TemplateException defect) {
            throw new IllegalStateException("The page can't be made", defect);
        }
        return page.toString();
    }
}
