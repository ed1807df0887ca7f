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
package dev.convexbackfill.readerswriters.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * In how many documents each field was changed by a run. A row belongs to a range, and so to its owner: two ranges never wait
 * for each other. So many fields of a range at most are told apart: names may be data. The caller has a transaction open.
 * Thread-safe.
 */
public final class FieldChangeStore {

    /** Of each range that are told apart. */
    public static final int MAX_FIELDS = 200;

    private final JdbcClient jdbc;

    public FieldChangeStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds what a chunk has changed; each field at most once. */
    void add(String run, int range, List<FieldChange> changes) {
        for (int from = 0; from < changes.size(); from += MAX_FIELDS) {
            addSome(run, range, changes.subList(from, Math.min(changes.size(), from + MAX_FIELDS)));
        }
    }

    private void addSome(String run, int range, List<FieldChange> changes) {
        // one statement, since a chunk should not wait for more: after the first chunks all fields are known
        if (update(run, range, changes) == changes.size()) {
            return;
        }
        Set<String> known = new HashSet<>(jdbc.sql("""
                select field from backfill_field_change where run_name = :run and range_number = :range""")
                .param("run", run).param("range", range).query((row, _) -> row.getString("field")).list());
        List<FieldChange> unknown = changes.stream().filter(change -> !known.contains(change.field())).toList();
        long told = known.stream().filter(field -> !field.equals(FieldChange.OTHERS)).count();
        int room = (int) Math.min(unknown.size(), Math.max(0, MAX_FIELDS - told));
        unknown.subList(0, room).forEach(change -> insert(run, range, change));
        unknown.subList(room, unknown.size()).stream().map(change -> change.named(FieldChange.OTHERS))
                .reduce(FieldChange::plus).ifPresent(others -> {
                    if (update(run, range, List.of(others)) == 0) {
                        insert(run, range, others);
                    }
                });
    }

    private int update(String run, int range, List<FieldChange> changes) {
        List<Object> params = new ArrayList<>();
        String sql = "update backfill_field_change set %s, %s, %s, %s where run_name = ? and range_number = ? and field in (%s)"
                .formatted(more("added", changes, FieldChange::added, params),
                        more("removed", changes, FieldChange::removed, params),
                        more("changed", changes, FieldChange::changed, params),
                        more("type_changed", changes, FieldChange::typeChanged, params),
                        String.join(", ", changes.stream().map(_ -> "?").toList()));
        params.add(run);
        params.add(range);
        changes.forEach(change -> params.add(change.field()));
        return jdbc.sql(sql).params(params).update();
    }

    private static String more(String column, List<FieldChange> changes, ToLongFunction<FieldChange> number,
            List<Object> params) {
        StringBuilder more = new StringBuilder(column).append(" = ").append(column).append(" + case field");
        for (FieldChange change : changes) {
            more.append(" when ? then cast(? as bigint)");
            params.add(change.field());
            params.add(number.applyAsLong(change));
        }
        return more.append(" else 0 end").toString();
    }

    private void insert(String run, int range, FieldChange change) {
        jdbc.sql("""
                insert into backfill_field_change
                  (run_name, range_number, field, added, removed, changed, type_changed)
                values (:run, :range, :field, :added, :removed, :changed, :typeChanged)""")
                .param("run", run).param("range", range).param("field", change.field()).param("added", change.added())
                .param("removed", change.removed()).param("changed", change.changed())
                .param("typeChanged", change.typeChanged()).update();
    }

    /** Those of a whole run, by name; {@link FieldChange#OTHERS} last, if there are any. */
    public List<FieldChange> list(String run) {
        List<FieldChange> fields = new ArrayList<>(jdbc.sql("""
                select field, sum(added) as added, sum(removed) as removed, sum(changed) as changed,
                  sum(type_changed) as type_changed
                from backfill_field_change where run_name = :run group by field""")
                .param("run", run)
                .query((row, _) -> new FieldChange(row.getString("field"), row.getLong("added"),
                        row.getLong("removed"), row.getLong("changed"), row.getLong("type_changed")))
                .list());
        fields.sort(Comparator.comparing((FieldChange change) -> change.field().equals(FieldChange.OTHERS))
                .thenComparing(FieldChange::field));
        return fields;
    }
}
