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
package dev.convexbackfill.config.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An expression in the Common Expression Language. It sees the document as {@code doc}, and, inside a step that goes through
 * an array, the element as {@code it}; an argument of a function sees what the steps have made of the document. It has no side effects, and what it may cost is bounded. Immutable and thread-safe.
 */
public final class Expression {

    private static final String DOCUMENT = "doc";
    private static final String ELEMENT = "it";
    private static final String RESULT = "result";
    private static final String SET = "set";
    private static final String UNSET = "unset";
    private static final int MAX_CODE_POINTS = 10_000;
    /** Steps of all loops together; a document's largest array has 8192 elements. */
    private static final int MAX_ITERATIONS = 100_000;
    private static final int MAX_NESTING = 100;

    private static final Pattern LISTS = Pattern.compile(
            " expecting \\{.*}| \\(candidates: .*\\)| \\(in container ''\\)", Pattern.DOTALL);

    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(MAX_CODE_POINTS)
            .maxParseRecursionDepth(MAX_NESTING)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private static final CelType OBJECT = MapType.create(SimpleType.STRING, SimpleType.DYN);
    private static final CelCompiler COMPILER = compiler().addVar(ELEMENT, SimpleType.DYN).build();
    private static final CelCompiler ARGUMENT_COMPILER = compiler().addVar(RESULT, OBJECT).addVar(SET, OBJECT)
            .addVar(UNSET, ListType.create(SimpleType.STRING)).build();

    private static CelCompilerBuilder compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addLibraries(CelExtensions.strings(), CelExtensions.math(), CelExtensions.lists(),
                        CelExtensions.bindings())
                .addFunctionDeclarations(CelFunctionDecl.newFunctionDeclaration("isNaN",
                        CelOverloadDecl.newGlobalOverload("is_nan_double", SimpleType.BOOL, SimpleType.DOUBLE)))
                .addVar(DOCUMENT, OBJECT);
    }

    private static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(CelExtensions.strings(), CelExtensions.math(), CelExtensions.lists())
            .addFunctionBindings(dev.cel.runtime.CelFunctionBinding.from("is_nan_double", Double.class,
                    number -> number.isNaN()))
            .build();

    private final String text;
    private final CelRuntime.Program program;
    private final Optional<Set<String>> fields;
    private final CelType type;

    private Expression(String text, CelRuntime.Program program, Optional<Set<String>> fields, CelType type) {
        this.text = text;
        this.program = program;
        this.fields = fields;
        this.type = type;
    }

    /** Throws {@link InvalidExpressionException} if {@code text} is no expression, naming every place that is wrong. */
    public static Expression parse(String text) throws InvalidExpressionException {
        return parse(text, COMPILER);
    }

    /** As {@link #parse}, for what is evaluated by {@link #evaluateArgument}. */
    public static Expression parseArgument(String text) throws InvalidExpressionException {
        return parse(text, ARGUMENT_COMPILER);
    }

    private static Expression parse(String text, CelCompiler compiler) throws InvalidExpressionException {
        try {
            CelAbstractSyntaxTree tree = compiler.compile(text).getAst();
            return new Expression(text, RUNTIME.createProgram(tree), fieldsOf(tree), tree.getResultType());
        } catch (CelValidationException invalid) {
            throw new InvalidExpressionException(invalid.getErrors().stream()
                    .map(issue -> "at %scharacter %d: %s".formatted(
                            text.contains("\n") ? "line %d, ".formatted(issue.getSourceLocation().getLine()) : "",
                            issue.getSourceLocation().getColumn() + 1, inFewWords(issue.getMessage())))
                    .collect(Collectors.joining("; ")), invalid);
        } catch (CelEvaluationException invalid) {
            throw new InvalidExpressionException(String.valueOf(invalid.getMessage()), invalid);
        }
    }

    /** Without the lists of all that the grammar could go on with, and with what is mostly meant. */
    private static String inFewWords(String problem) {
        String brief = LISTS.matcher(problem).replaceAll("");
        return problem.startsWith("undeclared reference")
                ? brief + "; fields are written as in doc.firstName, texts as in 'text'"
                : brief;
    }

    /** What it can be instead of true or false, as in {@code int}; empty if a document decides. */
    public Optional<String> neverTruth() {
        return type.equals(SimpleType.BOOL) || type.equals(SimpleType.DYN) ? Optional.empty()
                : Optional.of(type.name());
    }

    /** The document's fields that it looks at; empty if it may look at any. */
    public Optional<Set<String>> fields() {
        return fields;
    }

    private static Optional<Set<String>> fieldsOf(CelAbstractSyntaxTree tree) {
        Set<String> fields = new HashSet<>();
        boolean[] bounded = {true};
        CelNavigableAst.fromAst(tree).getRoot().allNodes()
                .filter(node -> node.getKind() == Kind.IDENT && node.expr().ident().name().equals(DOCUMENT))
                .forEach(node -> {
                    String field = node.parent().map(Expression::fieldTaken).orElse(null);
                    if (field == null) {
                        bounded[0] = false;
                    } else {
                        fields.add(field);
                    }
                });
        return bounded[0] ? Optional.of(Set.copyOf(fields)) : Optional.empty();
    }

    /** Of {@code doc.field}, {@code has(doc.field)} and {@code doc["field"]}; null for anything else. */
    private static @Nullable String fieldTaken(CelNavigableExpr parent) {
        CelExpr expression = parent.expr();
        if (parent.getKind() == Kind.SELECT) {
            return expression.select().field();
        }
        boolean isIndex = parent.getKind() == Kind.CALL && expression.call().function().equals("_[_]");
        CelExpr key = isIndex ? expression.call().args().getLast() : null;
        return key != null && key.getKind() == Kind.CONSTANT
                && key.constant().getKind() == CelConstant.Kind.STRING_VALUE ? key.constant().stringValue() : null;
    }

    /** Its value for a document. Throws {@link ExpressionFailedException} if it has none. */
    public ConvexValue evaluate(ConvexObject document) {
        return evaluate(Map.of(DOCUMENT, CelValues.toCel(document)));
    }

    /** Its value for an element of an array in a document. Throws {@link ExpressionFailedException} if it has none. */
    public ConvexValue evaluate(ConvexObject document, ConvexValue element) {
        Map<String, Object> variables = new HashMap<>();
        variables.put(DOCUMENT, CelValues.toCel(document));
        variables.put(ELEMENT, CelValues.toCel(element));
        return evaluate(variables);
    }

    /**
     * Its value as an argument of a function. Throws {@link ExpressionFailedException} if it has none.
     *
     * @param result the document as the steps have made it
     * @param set    the fields that they have given other values
     * @param unset  the names of the fields that they have removed
     */
    public ConvexValue evaluateArgument(ConvexObject document, ConvexObject result, ConvexObject set,
            ConvexArray unset) {
        return evaluate(Map.of(DOCUMENT, CelValues.toCel(document), RESULT, CelValues.toCel(result), SET,
                CelValues.toCel(set), UNSET, CelValues.toCel(unset)));
    }

    private ConvexValue evaluate(Map<String, Object> variables) {
        try {
            return CelValues.toConvex(program.eval(variables));
        } catch (CelEvaluationException failed) {
            throw new ExpressionFailedException("'%s' failed: %s".formatted(text, failed.getMessage()), failed);
        } catch (InvalidValueException invalid) {
            throw new ExpressionFailedException("'%s' failed: %s".formatted(text, invalid.getMessage()), invalid);
        }
    }

    /** Whether it is true of a document. Throws {@link ExpressionFailedException} if it is neither true nor false. */
    public boolean isTrueOf(ConvexObject document) {
        ConvexValue value = evaluate(document);
        if (value instanceof ConvexBoolean(boolean truth)) {
            return truth;
        }
        throw new ExpressionFailedException("'%s' is %s and neither true nor false".formatted(text, value.typeName()));
    }

    /** The text, and nothing else, makes two expressions equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Expression that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
