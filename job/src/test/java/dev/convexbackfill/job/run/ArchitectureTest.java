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
package dev.convexbackfill.job.run;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which code may know which. */
@AnalyzeClasses(packages = "dev.convexbackfill", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule modulesPointOneWay = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("convex-client").definedBy("dev.convexbackfill.client..")
            .layer("convex-local").definedBy("dev.convexbackfill.local..")
            .layer("javascript")
            .definedBy("dev.convexbackfill.javascript.sandbox..", "dev.convexbackfill.javascript.node..")
            .layer("transform-javascript").definedBy("dev.convexbackfill.javascript.transform..")
            .layer("plugin-api").definedBy("dev.convexbackfill.plugin..")
            .layer("config").definedBy("dev.convexbackfill.config..")
            .layer("partitioner").definedBy("dev.convexbackfill.partitioner..")
            .layer("readers-writers").definedBy("dev.convexbackfill.readerswriters..")
            .layer("job").definedBy("dev.convexbackfill.job..")
            .whereLayer("job").mayNotBeAccessedByAnyLayer()
            .whereLayer("transform-javascript").mayNotBeAccessedByAnyLayer()
            .whereLayer("javascript").mayOnlyBeAccessedByLayers("convex-local", "transform-javascript")
            .whereLayer("convex-local").mayOnlyBeAccessedByLayers("job")
            .whereLayer("readers-writers").mayOnlyBeAccessedByLayers("transform-javascript", "job")
            .whereLayer("plugin-api").mayOnlyBeAccessedByLayers("readers-writers")
            .whereLayer("partitioner").mayOnlyBeAccessedByLayers("readers-writers", "job")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("partitioner", "readers-writers", "transform-javascript", "job");

    /** It is loaded where it is asked for, from a folder of its own. */
    @ArchTest
    static final ArchRule javaScriptIsOptional = noClasses().that()
            .resideOutsideOfPackages("dev.convexbackfill.local.javascript..", "dev.convexbackfill.javascript..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("dev.convexbackfill.local.javascript..", "dev.convexbackfill.javascript..",
                    "org.graalvm..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.convexbackfill.(*).(*)..").should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule theClientNeedsNoSpring = noClasses().that().resideInAPackage("dev.convexbackfill.client..")
            .should().dependOnClassesThat().resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule runsKnowNoCommandLine = noClasses().that()
            .resideInAnyPackage("dev.convexbackfill.job.run..", "dev.convexbackfill.job.progress..",
                    "dev.convexbackfill.job.history..", "dev.convexbackfill.job.report..",
                    "dev.convexbackfill.job.page..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("dev.convexbackfill.job.cli..", "dev.convexbackfill.job.app..", "picocli..");

    @ArchTest
    static final ArchRule executionContextsHoldPlainTypes = noClasses().should()
            .callMethod(org.springframework.batch.infrastructure.item.ExecutionContext.class, "put", String.class,
                    Object.class);

    @ArchTest
    static final ArchRule onlyTheCommandLineEndsTheProcess = noClasses().that()
            .resideOutsideOfPackage("dev.convexbackfill.job.cli..")
            .should().callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule nothingSleeps = noClasses().should().callMethod(Thread.class, "sleep", long.class);
}
