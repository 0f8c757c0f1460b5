package juicer

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Webhook verifies and reads what arrives at an endpoint. It needs a Secret or a
// BusinessID; with both, both must fit.
type Webhook struct {
	Secret     string           // whsec_..., of the endpoint: signs and dates each delivery
	BusinessID string           // key of the checksum, as GET /accounts/settings shows it; the checksum does not protect against replay
	Now        func() time.Time // default: time.Now
}

// WebhookEvent is a delivery that was verified.
type WebhookEvent struct {
	ID       string          // evt_..., the same for every attempt: the key for de-duplication; "" from servers that send none
	Event    string          // such as payment.session.succeeded
	Data     json.RawMessage // the object at the time of the event, as it came
	Sequence int64           // the event's number, gap-free per business; 0: not said
	Previous int64           // the number of the event before it that was due for this endpoint
	Attempt  int             // 1 for the first
}

// What is wrong with a delivery. errors.Is finds them.
var (
	ErrWebhookSignature = errors.New("the signature does not fit")
	ErrWebhookTime      = errors.New("the delivery is too old, or from the future")
	ErrWebhookChecksum  = errors.New("the checksum does not fit")
	ErrWebhookBody      = errors.New("the body is no webhook")
)

const webhookTolerance = 5 * time.Minute

// Verify checks the raw bytes of a delivery and reads them. Answer 401 to an error,
// and do nothing else.
func (w Webhook) Verify(body []byte, header http.Header) (*WebhookEvent, error) {
	if w.Secret == "" && w.BusinessID == "" {
		return nil, errors.New("juicer: a Webhook needs a Secret or a BusinessID")
	}
	if w.Secret != "" {
		if err := w.signature(body, header); err != nil {
			return nil, err
		}
	}
	envelope, err := openWebhook(body)
	if err != nil {
		return nil, err
	}
	if w.BusinessID != "" && !envelope.fits(w.BusinessID) {
		return nil, ErrWebhookChecksum
	}
	return &WebhookEvent{ID: header.Get("webhook-id"), Event: envelope.event, Data: envelope.data,
		Sequence: whole(header.Get("Juicer-Sequence")), Previous: whole(header.Get("Juicer-Previous-Sequence")), Attempt: int(whole(header.Get("Juicer-Attempt")))}, nil
}

func whole(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// signature checks the headers of Standard Webhooks.
func (w Webhook) signature(body []byte, header http.Header) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(w.Secret, "whsec_"))
	if err != nil {
		return fmt.Errorf("juicer: the secret is no whsec_ and base64: %w", err)
	}
	id, stamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	want := hmac.New(sha256.New, key)
	fmt.Fprintf(want, "%s.%s.%s", id, stamp, body)
	if !signed(header.Get("webhook-signature"), want.Sum(nil)) {
		return ErrWebhookSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	now := time.Now
	if w.Now != nil {
		now = w.Now
	}
	if age := now().Sub(time.Unix(seconds, 0)); err != nil || age.Abs() > webhookTolerance {
		return ErrWebhookTime
	}
	return nil
}

// signed: one of the signatures is enough; while a secret is rotated there are two.
func signed(list string, want []byte) bool {
	fits := false
	for _, part := range strings.Fields(list) {
		coded, ok := strings.CutPrefix(part, "v1,")
		if got, err := base64.StdEncoding.DecodeString(coded); ok && err == nil && hmac.Equal(got, want) {
			fits = true
		}
	}
	return fits
}

// webhookBody is the three members of a body.
type webhookBody struct {
	checksum []byte
	event    string
	data     json.RawMessage // the bytes as they came
}

// openWebhook reads a body. Names count as they are written.
func openWebhook(body []byte) (webhookBody, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return webhookBody{}, ErrWebhookBody
	}
	var checksum string
	out := webhookBody{data: members["data"]}
	if json.Unmarshal(members["checksum"], &checksum) != nil || json.Unmarshal(members["event"], &out.event) != nil || len(out.data) == 0 || out.data[0] != '{' {
		return webhookBody{}, ErrWebhookBody
	}
	var err error
	if out.checksum, err = hex.DecodeString(checksum); err != nil {
		return webhookBody{}, ErrWebhookChecksum
	}
	return out, nil
}

// fits compares with the bytes as they came, and, for senders that do not write
// canonical JSON, with the same data written so.
func (b webhookBody) fits(businessID string) bool {
	if hmac.Equal(b.checksum, checksum(businessID, b.event, b.data)) {
		return true
	}
	canonical, err := CanonicalJSON(b.data)
	return err == nil && hmac.Equal(b.checksum, checksum(businessID, b.event, canonical))
}

func checksum(businessID, event string, data []byte) []byte {
	mac := hmac.New(sha256.New, []byte(strings.TrimSpace(businessID)))
	mac.Write([]byte(event + "|"))
	mac.Write(data)
	return mac.Sum(nil)
}

// WebhookChecksum is the checksum of an event: upper-case hex of HMAC-SHA-256 over
// event, "|" and the canonical JSON of its data.
func WebhookChecksum(businessID, event string, data []byte) (string, error) {
	canonical, err := CanonicalJSON(data)
	if err != nil {
		return "", err
	}
	return strings.ToUpper(hex.EncodeToString(checksum(businessID, event, canonical))), nil
}

// CanonicalJSON writes JSON with the keys of every object in byte order, without
// blanks, with as few escapes as possible. Numbers stay as they are written.
func CanonicalJSON(in []byte) ([]byte, error) {
	value := wholeJSON(in)
	if value == nil && !bytes.Equal(bytes.TrimSpace(in), []byte("null")) {
		return nil, errors.New("juicer: this is no JSON")
	}
	return appendCanonical(nil, value), nil
}

func appendCanonical(to []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		return appendObject(to, v)
	case []any:
		to = append(to, '[')
		for i, item := range v {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendCanonical(to, item)
		}
		return append(to, ']')
	case string:
		return appendText(to, v)
	case json.Number:
		return append(to, v...)
	case bool:
		return strconv.AppendBool(to, v)
	}
	return append(to, "null"...)
}

func appendObject(to []byte, members map[string]any) []byte {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	to = append(to, '{')
	for i, name := range names {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendText(to, name), ':')
		to = appendCanonical(to, members[name])
	}
	return append(to, '}')
}

const shortEscapes = "\"\\\b\f\n\r\t"
const shortNames = "\"\\bfnrt"

func appendText(to []byte, s string) []byte {
	to = append(to, '"')
	for i := range len(s) {
		c := s[i]
		if at := strings.IndexByte(shortEscapes, c); at >= 0 {
			to = append(to, '\\', shortNames[at])
		} else if c < 0x20 {
			to = fmt.Appendf(to, `\u%04x`, c)
		} else {
			to = append(to, c)
		}
	}
	return append(to, '"')
}
