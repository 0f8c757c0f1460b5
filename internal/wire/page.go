package wire

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Cursor is a place in a list that is sorted by (CreatedAt, ID), newest first.
type Cursor struct {
	CreatedAt time.Time // microseconds count
	ID        string    // printable ASCII
}

// Page is what a caller asks to see of a list: the entries next to a cursor on
// its older side (After), on its newer side (Before), or the newest.
type Page struct {
	List          string // name of the list; a cursor of one list is unknown to the others
	Limit         int
	After, Before *Cursor // at most one
}

// Pagination is the block of that name in replies.
type Pagination struct {
	After  *string `json:"after"`  // cursor of the next, older page
	Before *string `json:"before"` // cursor of the newer page
	Limit  int     `json:"limit"`
}

// Page reads limit, after and before.
func (q *Query) Page(list string, limitDefault int) Page {
	p := Page{List: list, Limit: int(q.Int("limit", int64(limitDefault), 1, PageSizeMax))}
	p.After, p.Before = q.cursor("after", list), q.cursor("before", list)
	if q.Has("after") && q.Has("before") {
		q.Breach("before", unlabelled(broken(problem.FieldConflict, "other", "after")))
	}
	return p
}

func (q *Query) cursor(name, list string) *Cursor {
	s, ok := q.find(name)
	if !ok {
		return nil
	}
	c, ok := ReadCursor(list, s)
	if !ok {
		q.Breach(name, "Unknown cursor")
		return nil
	}
	return &c
}

// Fetch is how many rows to read: one more than the page shows tells whether
// there is a further page.
func (p Page) Fetch() int { return p.Limit + 1 }

// OldestFirst is the order in which to read rows, so that the nearest to the
// cursor come first: ascending on the newer side, else descending.
func (p Page) OldestFirst() bool { return p.Before != nil }

// Show cuts up to p.Fetch() rows, read in the order of OldestFirst, down to the
// page, newest first, with the cursors to both sides of it.
func Show[T any](p Page, rows []T, place func(T) Cursor) ([]T, Pagination) {
	more := len(rows) > p.Limit
	if more {
		rows = rows[:p.Limit]
	}
	older, newer := more, p.After != nil
	if p.OldestFirst() {
		slices.Reverse(rows)
		older, newer = true, more
	}
	block := Pagination{Limit: p.Limit}
	first, last := p.beside()
	if len(rows) > 0 {
		first, last = place(rows[0]), place(rows[len(rows)-1])
	}
	if older {
		block.After = p.write(last)
	}
	if newer {
		block.Before = p.write(first)
	}
	return rows, block
}

// beside gives the cursors around an empty page, on the far side of the cursor
// that led to it, so that its own entry is on the page they lead back to.
func (p Page) beside() (first, last Cursor) {
	if p.After != nil {
		first = Cursor{p.After.CreatedAt.Add(-time.Microsecond), p.After.ID}
	}
	if p.Before != nil {
		last = Cursor{p.Before.CreatedAt.Add(time.Microsecond), p.Before.ID}
	}
	return first, last
}

func (p Page) write(c Cursor) *string {
	s := c.Write(p.List)
	return &s
}

// A cursor is base64url of: version, microseconds since 1970 (8 bytes, big
// endian), id, and CRC-32 over the name of the list and all before it. The check
// keeps typing errors and cursors of other lists out; there is nothing to hide.
const (
	cursorVersion = 1
	cursorHead    = 1 + 8
	cursorCheck   = 4
)

// Write is the opaque text of the cursor in that list.
func (c Cursor) Write(list string) string {
	raw := binary.BigEndian.AppendUint64([]byte{cursorVersion}, uint64(c.CreatedAt.UnixMicro()))
	raw = append(raw, c.ID...)
	return cursorText().EncodeToString(binary.BigEndian.AppendUint32(raw, checkOf(list, raw)))
}

// ReadCursor reads what Write wrote for the same list; ok is false for all else.
func ReadCursor(list, s string) (c Cursor, ok bool) {
	if len(s) > cursorText().EncodedLen(cursorHead+cursorIDMax+cursorCheck) || strings.ContainsAny(s, "\r\n") {
		return Cursor{}, false // base64 would skip line breaks
	}
	raw, err := cursorText().DecodeString(s)
	if err != nil || len(raw) <= cursorHead+cursorCheck || raw[0] != cursorVersion {
		return Cursor{}, false
	}
	body, check := raw[:len(raw)-cursorCheck], raw[len(raw)-cursorCheck:]
	if checkOf(list, body) != binary.BigEndian.Uint32(check) {
		return Cursor{}, false
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(body[1:cursorHead]))).UTC()
	place := string(body[cursorHead:])
	if at.Year() < 1 || at.Year() > 9999 || Printable.check(input{text: place}).code != "" {
		return Cursor{}, false
	}
	return Cursor{at, place}, true
}

func checkOf(list string, raw []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(list+"\x00")), crc32.IEEETable, raw)
}

func cursorText() *base64.Encoding { return base64.RawURLEncoding.Strict() }
