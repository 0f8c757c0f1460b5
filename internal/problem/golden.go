package problem

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// Golden is the sample answer of k as it stands on the wire, with line feeds
// alone: status line, the error's headers in byte order, a blank line, the body.
// Codes that hang on how far the request had come are shown as of one that had
// begun nothing: the plain sandbox fault.
func Golden(k *Kind) []byte {
	e, env := Sample(k).BrokeOff(NoWork), SampleEnvelope(k)
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\n", k.Status, http.StatusText(k.Status))
	headers := e.Headers(env)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	out.WriteByte('\n')
	out.Write(e.Body(env))
	return out.Bytes()
}
