package api

import (
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	formatJSON = "json"
	formatCSV  = "csv"
)

// getStatement tells what a wallet's money did in a period, as JSON or, for longer
// ones, as CSV that is sent while it is read.
func getStatement(x *exchange) (answer, error) {
	q := x.query
	from, to, format := q.Time("from"), q.Time("to"), q.Text("format", wire.Allowed(formatJSON, formatCSV))
	period := store.Span{From: from.Time, To: to.Time}
	if to.IsZero() {
		period.To = x.engine().Clock.Now()
	}
	if from.IsZero() {
		period.From = period.To.Add(-statementDefault)
	}
	switch length := period.To.Sub(period.From); {
	case length <= 0:
		q.Breach("to", "Must be later than from")
	case length > statementRangeMax:
		q.Breach("from", "Must be at most "+strconv.Itoa(int(statementRangeMax.Hours()/24))+" days before to")
	}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	w, err := x.engine().FindWallet(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("wallet", w.ID)
	if err := x.fits(w, period, format); err != nil {
		return answer{}, err
	}
	if format == formatCSV {
		return answer{status: wire.OK, stream: &stream{media: "text/csv; charset=utf-8", name: "statement-" + w.ID + ".csv",
			write: func(out io.Writer) error { return x.statementCSV(out, w, period) }}}, nil
	}
	s := wire.Statement{From: wire.At(period.From), To: wire.At(period.To), WalletID: w.ID, Lines: []wire.StatementLine{}}
	err = x.engine().Statement(x.ctx(), w, period, func(h engine.StatementHead) error {
		s.OpeningBalance, s.ClosingBalance = wire.BalanceOf(h.Opening), wire.BalanceOf(h.Closing)
		return nil
	}, func(l wire.StatementLine) error {
		s.Lines = append(s.Lines, l)
		return nil
	})
	return data(s), err
}

// fits refuses a statement with more lines than its format takes, before it begins.
func (x *exchange) fits(w wallet.Wallet, period store.Span, format string) error {
	most := int64(statementLinesMax)
	if format == formatCSV {
		most = statementRowsMax
	}
	h, err := x.engine().StatementHead(x.ctx(), w, period)
	if err != nil || h.Lines <= most {
		return err
	}
	return problem.InvalidRequest.With(problem.Details{"from": []string{"The period has " + strconv.FormatInt(h.Lines, 10) + " postings, at most " +
		strconv.FormatInt(most, 10) + " fit: ask for a shorter one"}}).Say(problem.InvalidQuery)
}

func (x *exchange) statementCSV(out io.Writer, w wallet.Wallet, period store.Span) error {
	var table *wire.StatementCSV
	var head engine.StatementHead
	err := x.engine().Statement(x.ctx(), w, period, func(h engine.StatementHead) (err error) {
		head = h
		table, err = wire.NewStatementCSV(out, wire.At(period.From), h.Opening)
		return err
	}, func(l wire.StatementLine) error { return table.Line(l) })
	if err != nil {
		return err
	}
	return table.Close(wire.At(period.To), head.Closing)
}

// stream is an answer that is written while it is made.
type stream struct {
	media string
	name  string // under which a browser keeps it
	write func(io.Writer) error
}

// pour sends a stream. What breaks it off breaks the connection: half of it must not
// pass for the whole.
func (x *exchange) pour(status int, h http.Header, s *stream) {
	h.Set("Content-Type", s.media)
	h.Set("Content-Disposition", `attachment; filename="`+s.name+`"`)
	if x.spoil(status, h, nil) {
		return
	}
	maps.Copy(x.w.Header(), h)
	_ = http.NewResponseController(x.w).SetWriteDeadline(x.at.Add(requestTime)) // slow clients are cut off
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead {
		return
	}
	if err := s.write(x.w); err != nil {
		x.s.Log.Warn("answer broken off", "request_id", x.id, "error", err)
		x.reset()
	}
}
