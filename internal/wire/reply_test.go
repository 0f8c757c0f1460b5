package wire_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/wire"
)

// replies are all structs that are written into replies.
func replies() []any {
	return []any{
		wire.About{}, wire.AboutDone{}, wire.Address{}, wire.AggregatorRate{}, wire.APIKey{}, wire.Audit{}, wire.AuditCounts{}, wire.Authorized{}, wire.BookEntry{},
		wire.Chosen{}, wire.Clearing{}, wire.Clock{}, wire.Customer{}, wire.Data{}, wire.Failure{}, wire.Fee{}, wire.Finding{},
		wire.KeyResource{}, wire.KeyResponse{}, wire.KeyStatus{}, wire.Link{}, wire.LinkCustomer{}, wire.List{}, wire.Money{}, wire.Order{}, wire.OrderItem{},
		wire.Pagination{}, wire.Payment{}, wire.PaymentMethod{}, wire.Queues{}, wire.Rail{}, wire.Refund{}, wire.RequestDetail{},
		wire.RequestHead{}, wire.RequestItem{}, wire.RequestKey{}, wire.RequestResource{}, wire.RequestWebhook{}, wire.Session{}, wire.Settings{},
		wire.Account{}, wire.Attempt{}, wire.BusinessWebhook{}, wire.Delivery{}, wire.Endpoint{}, wire.Event{}, wire.Merchant{},
		wire.Queued{}, wire.FaultRule{}, wire.FaultTrace{},
		wire.Balance{}, wire.BatchItem{}, wire.CustomerRecord{}, wire.ExportRecord{}, wire.Statement{}, wire.StatementLine{}, wire.Wallet{},
		wire.WalletAccount{}, wire.WalletEvent{}, wire.WalletTransaction{},
		wire.AddressParams{}, wire.Deposit{}, wire.DepositPlace{}, wire.DepositSender{}, wire.DepositSenderDetails{}, wire.Transfer{},
		wire.Catalogue{}, wire.Conversion{}, wire.Converted{}, wire.DefaultRate{}, wire.ExchangeOrder{}, wire.FXRate{}, wire.LockedFXRate{},
		wire.MoneyAmount{}, wire.MoneyDone{}, wire.OperatorRate{}, wire.Quote{}, wire.Swap{}, wire.SwapConfiguration{}, wire.SwapParty{}, wire.Trade{},
		wire.BankRow{}, wire.Beneficiary{}, wire.Bulk{}, wire.BulkItem{}, wire.BulkPayee{}, wire.Owner{}, wire.Holder{}, wire.Payee{}, wire.Payout{}, wire.PayoutCharge{},
	}
}

func TestEveryReplyIsWrittenInByteOrder(t *testing.T) {
	for _, r := range replies() {
		if err := wire.Sorted(reflect.TypeOf(r)); err != nil {
			t.Error(err)
		}
	}
}

func TestNoReplyIsForgotten(t *testing.T) {
	listed := []string{}
	for _, r := range replies() {
		listed = append(listed, reflect.TypeOf(r).Name())
	}
	declared := declaredReplies(t)
	slices.Sort(listed)
	slices.Sort(declared)
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("structs with JSON names (-declared +listed):\n%s", diff)
	}
}

// declaredReplies are the exported structs of the package with JSON names.
func declaredReplies(t *testing.T) (names []string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() && hasJSONNames(spec.Type) {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	return names
}

func hasJSONNames(e ast.Expr) bool {
	s, ok := e.(*ast.StructType)
	return ok && slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
		return f.Tag != nil && strings.Contains(f.Tag.Value, "json:")
	})
}
