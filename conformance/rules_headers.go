package conformance

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func headerRules() []rule {
	return []rule{
		{"replies/request-id", "every reply carries X-Request-Id in its one form", requestIDBreach},
		{"replies/environment", "every reply names its environment", environmentBreach},
		{"replies/content-type", "a body is JSON in UTF-8 and says so; only browser pages are HTML", contentTypeBreach},
		{"replies/outcome", "Juicer-Outcome equals error.outcome or money.outcome and stands nowhere else", outcomeBreach},
		{"replies/not-stored", "lists, writes and refusals must not be cached", noStoreBreach},
		{"replies/etag", "what may be cached has a strong ETag and varies by Authorization", etagBreach},
		{"replies/challenge", "every 401 carries WWW-Authenticate with the code", challengeBreach},
		{"replies/allow", "every 405 names the methods in Allow and details", allowBreach},
		{"replies/location", "every 201 carries the path of the object in Location", locationBreach},
		{"replies/retry-after", "429 and 503 say the wait in Retry-After, retry_after and the body alike; others never", retryAfterBreach},
		{"replies/limits", "X-RateLimit headers describe the limit with the least left of RateLimit", limitsBreach},
	}
}

var requestIDForm = regexp.MustCompile(`^req_[0-9a-hjkmnp-tv-z]{26}$`)

func requestIDBreach(r reply) string {
	if ids := r.header.Values("X-Request-Id"); len(ids) != 1 || !requestIDForm.MatchString(ids[0]) {
		return fmt.Sprintf("one X-Request-Id of the form req_ and 26 characters, not %q", ids)
	}
	return ""
}

func environmentBreach(r reply) string {
	if r.request.foreign {
		return "" // a page of the bank, which is not ours
	}
	if got := r.header.Get("Juicer-Environment"); got != "test" {
		return fmt.Sprintf("Juicer-Environment: test, not %q", got)
	}
	return ""
}

// isPage: the request is for a page that a browser opens.
func isPage(r reply) bool {
	path, _, _ := strings.Cut(r.request.path, "?")
	return strings.HasPrefix(path, "/pay/") || strings.HasSuffix(path, "/3ds") || strings.HasPrefix(path, "/docs/") || r.request.foreign
}

func contentTypeBreach(r reply) string {
	if len(r.body) == 0 || isPage(r) {
		return ""
	}
	if got := r.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		return fmt.Sprintf("Content-Type: application/json; charset=utf-8, not %q", got)
	}
	return ""
}

func outcomeBreach(r reply) string {
	if r.request.method == http.MethodHead || r.status == http.StatusNotModified || isPage(r) {
		return ""
	}
	want := r.text("error.outcome")
	if want == "" {
		want = r.text("money.outcome")
	}
	if got := r.header.Get("Juicer-Outcome"); got != want {
		return fmt.Sprintf("Juicer-Outcome: %q as in the body, not %q", want, got)
	}
	return ""
}

// listPaths answer many objects, so their replies must not be stored.
var listPaths = []string{"/payments", "/keys", "/requests"}

func noStoreBreach(r reply) string {
	path, _, _ := strings.Cut(r.request.path, "?")
	list := slices.Contains(listPaths, path)
	if r.status < 400 && !list && r.request.method == http.MethodGet || isPage(r) || r.status == http.StatusNoContent {
		return ""
	}
	if r.request.method == http.MethodHead || strings.HasPrefix(path, "/sandbox/") && r.status < 400 {
		return ""
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		return fmt.Sprintf("Cache-Control: no-store, not %q", got)
	}
	return ""
}

func etagBreach(r reply) string {
	if r.request.method != http.MethodGet || r.status != http.StatusOK || r.request.header.Get("Authorization") == "" || !strings.HasPrefix(r.header.Get("Cache-Control"), "private") {
		return ""
	}
	if tag := r.header.Get("ETag"); len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return fmt.Sprintf("a strong ETag, not %q", tag)
	}
	if vary := strings.Join(r.header.Values("Vary"), ", "); !strings.Contains(vary, "Authorization") {
		return fmt.Sprintf("Vary: Authorization, not %q", vary)
	}
	return ""
}

func challengeBreach(r reply) string {
	if r.status != http.StatusUnauthorized || r.request.method == http.MethodHead {
		return ""
	}
	want := fmt.Sprintf(`Bearer realm="juicer-test", error="%s"`, r.text("error.code"))
	if got := r.header.Get("WWW-Authenticate"); got != want {
		return fmt.Sprintf("WWW-Authenticate: %s, not %q", want, got)
	}
	return ""
}

func allowBreach(r reply) string {
	if r.status != http.StatusMethodNotAllowed {
		return ""
	}
	allow := strings.Split(r.header.Get("Allow"), ",")
	if len(allow[0]) == 0 {
		return "an Allow header"
	}
	for i := range r.list("error.details.allowed") {
		method := r.text(fmt.Sprintf("error.details.allowed.%d", i))
		if !slices.ContainsFunc(allow, func(a string) bool { return strings.TrimSpace(a) == method }) {
			return fmt.Sprintf("Allow to name %s as details do, not %q", method, allow)
		}
	}
	return ""
}

func locationBreach(r reply) string {
	if r.status != http.StatusCreated || strings.HasPrefix(r.request.path, "/sandbox/deposits/") { // the bank's records have no path
		return ""
	}
	id, location := r.text("data.id"), r.header.Get("Location")
	if id == "" && r.text("data.0.id") != "" {
		id = path.Base(r.request.path) // several at once: the list that has them
	}
	if !strings.HasPrefix(location, "/") || !strings.HasSuffix(location, "/"+id) {
		return fmt.Sprintf("Location to be a path that ends with /%s, not %q", id, location)
	}
	return ""
}

// hopelessWait stands in retry_after of a 503 that no wait will cure.
const hopelessWait = 3600

func retryAfterBreach(r reply) string {
	long, short := r.header.Get("Retry-After"), r.header.Get("Retry_after")
	n, inBody := r.number("error.retry_after")
	if r.status != http.StatusTooManyRequests && r.status != http.StatusServiceUnavailable {
		if long != "" || short != "" || inBody {
			return "no retry_after with this status"
		}
		return ""
	}
	if text := strconv.FormatInt(n, 10); !inBody || long != text || short != text {
		return fmt.Sprintf("the same seconds in Retry-After (%q), retry_after (%q) and error.retry_after (%d)", long, short, n)
	}
	want := int64(hopelessWait)
	if ms, ok := r.number("error.retry.after_ms"); ok {
		want = (ms + 999) / 1000
	}
	if n != want {
		return fmt.Sprintf("retry_after %d as error.retry.after_ms says, not %d", want, n)
	}
	return ""
}

var leftForm = regexp.MustCompile(`^"[a-z]+";r=(\d+);t=\d+$`)

// limitsBreach looks at replies that have the headers; that they are there is a
// case of its own, because limits may be switched off.
func limitsBreach(r reply) string {
	all := r.header.Get("RateLimit")
	if all == "" {
		return ""
	}
	least := int64(-1)
	for _, part := range strings.Split(all, ",") {
		m := leftForm.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return fmt.Sprintf(`RateLimit of the form "name";r=1;t=1, not %q`, all)
		}
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil && (least < 0 || n < least) {
			least = n
		}
	}
	if got := r.header.Get("X-RateLimit-Remaining"); got != strconv.FormatInt(least, 10) {
		return fmt.Sprintf("X-RateLimit-Remaining: %d, the least of %q, not %q", least, all, got)
	}
	return ""
}
