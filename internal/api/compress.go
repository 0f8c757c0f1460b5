package api

import (
	"bytes"
	"compress/gzip"
	"sync"
)

// compressors are used again: a fresh one clears most of a megabyte, which takes
// longer than everything else about an answer.
var compressors = sync.Pool{New: func() any {
	c := &compressor{}
	c.zip, _ = gzip.NewWriterLevel(&c.text, gzip.BestSpeed) // fails for unknown levels alone
	return c
}}

// keptBytesMax is how much memory of a long answer a compressor may keep.
const keptBytesMax = 64 << 10

type compressor struct {
	text bytes.Buffer
	zip  *gzip.Writer
}

// compress calls send with the body compressed; the bytes are good until it returns.
func compress(body []byte, send func([]byte)) {
	c := compressors.Get().(*compressor)
	c.text.Reset()
	c.zip.Reset(&c.text)
	_, _ = c.zip.Write(body) // into memory
	_ = c.zip.Close()
	send(c.text.Bytes())
	if c.text.Cap() <= keptBytesMax {
		compressors.Put(c)
	}
}
