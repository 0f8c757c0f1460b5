package wire_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/wire"
)

func BenchmarkParseSession(b *testing.B) {
	body := []byte(goodSession)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadSession(b *testing.B) {
	v := parse(b, goodSession)
	b.ReportAllocs()
	for b.Loop() {
		r := wire.Read(v)
		readSession(r)
		if err := r.Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprintSession(b *testing.B) {
	v := parse(b, goodSession)
	b.ReportAllocs()
	for b.Loop() {
		v.Fingerprint()
	}
}

func BenchmarkMarshalReply(b *testing.B) {
	reply := map[string]any{"data": wire.Pagination{Limit: 15}, "metadata": wire.Raw(`{"class":"JSS2"}`), "at": wire.At(start)}
	b.ReportAllocs()
	for b.Loop() {
		wire.Marshal(reply)
	}
}
