package vault

import (
	"fmt"
	"io"
	"log/slog"
)

const hiddenText = "[hidden]"

// hidden is embedded in every type of this package: whichever way its host is
// printed, logged or encoded, nothing of it shows.
type hidden struct{}

// Format implements fmt.Formatter for every verb.
func (hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenText) }

// String implements fmt.Stringer.
func (hidden) String() string { return hiddenText }

// GoString implements fmt.GoStringer.
func (hidden) GoString() string { return hiddenText }

// LogValue implements slog.LogValuer.
func (hidden) LogValue() slog.Value { return slog.StringValue(hiddenText) }

// MarshalJSON implements json.Marshaler.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + hiddenText + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (hidden) MarshalText() ([]byte, error) { return []byte(hiddenText), nil }
