/**
 * Runs as users see them: the deployment, the app, and every command are processes of their own, and what they leave behind is
 * read by {@link dev.convexbackfill.job.campaign.DeploymentReader}, which shares no code with the job.
 */
@NullMarked
package dev.convexbackfill.job.campaign;

import org.jspecify.annotations.NullMarked;
