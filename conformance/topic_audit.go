package conformance

import "net/http"

func auditCases() []Case {
	return []Case{
		{ID: "audit/clean", Sentence: "after everything above nothing is lost, doubled, orphaned or unbalanced, and nothing is in flight", run: auditIsClean, last: true},
	}
}

func auditIsClean(t *trial) {
	r := t.get("/sandbox/audit?wait=25")
	t.status(r, http.StatusOK)
	for _, kind := range []string{"lost", "doubled", "orphaned", "unbalanced"} {
		t.equal(r, "data.totals."+kind, 0)
	}
	t.equal(r, "data.in_flight", 0)
	t.equal(r, "data.clean", true)
}
