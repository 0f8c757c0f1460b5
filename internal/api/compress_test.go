package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"sync"
	"testing"
)

func unzipped(t *testing.T, small []byte) string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCompressorsAreUsedAgain(t *testing.T) {
	t.Run("each answer holds its own body alone", func(t *testing.T) {
		for _, body := range []string{strings.Repeat("first ", 500), strings.Repeat("second ", 300), ""} {
			compress([]byte(body), func(small []byte) {
				if got := unzipped(t, small); got != body {
					t.Errorf("got %d bytes, want %d", len(got), len(body))
				}
			})
		}
	})
	t.Run("answers at the same time do not mix", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				body := strings.Repeat(string(rune('a'+i)), 2000+i)
				for range 50 {
					compress([]byte(body), func(small []byte) {
						if got := unzipped(t, small); got != body {
							t.Errorf("got %.20q..., want %.20q...", got, body)
						}
					})
				}
			})
		}
		all.Wait()
	})
	t.Run("a long answer is sent whole", func(t *testing.T) {
		body := strings.Repeat("0123456789abcdef", 1<<16)
		compress([]byte(body), func(small []byte) {
			if got := unzipped(t, small); got != body {
				t.Errorf("got %d bytes, want %d", len(got), len(body))
			}
		})
	})
}
