package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// canonical turns any detail into what JSON knows (nil, bool, string,
// json.Number, []any, map[string]any), so that keys can be sorted at every level
// and times are written as everywhere in the API. What JSON cannot say becomes
// null: a caller is owed an answer even when a detail is broken.
func canonical(v any) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case time.Time:
		return timestamp(v)
	case *time.Time:
		if v == nil {
			return nil
		}
		return timestamp(*v)
	case map[string]any:
		return canonicalMap(v)
	case Details:
		return canonicalMap(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = canonical(v[i])
		}
		return list
	}
	return throughJSON(v)
}

func canonicalMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for name, v := range m {
		out[name] = canonical(v)
	}
	return out
}

func throughJSON(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	if err := in.Decode(&out); err != nil {
		return nil
	}
	return out
}

// compact writes canonical JSON: keys in byte order, nothing escaped for HTML,
// no trailing newline.
func compact(v any) ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if err := to.Encode(v); err != nil {
		return nil, fmt.Errorf("encode canonical JSON: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
