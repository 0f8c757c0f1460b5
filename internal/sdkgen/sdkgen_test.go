package sdkgen

import (
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/spec"
)

func contract(t *testing.T, change func(string) string) (*Contract, error) {
	t.Helper()
	return Read([]byte(change(string(spec.Source()))))
}

// named are the operations that have a method, and those that are left out with a reason.
func named() map[string]int {
	count := map[string]int{}
	for _, m := range methods {
		count[m.operation]++
	}
	for operation := range left {
		count[operation]++
	}
	return count
}

// strays compares what is named with the contract.
func strays(named map[string]int, openapi []byte) (problems []string) {
	root, err := parse(openapi)
	if err != nil {
		return []string{err.Error()}
	}
	places := (&reader{root: root}).places()
	for operation := range places {
		if named[operation] != 1 {
			problems = append(problems, operation+" must have one method or one reason to have none")
		}
	}
	for operation := range named {
		if places[operation].tree == nil {
			problems = append(problems, operation+" is not in the contract")
		}
	}
	return problems
}

func TestEveryOperationHasAMethodOrAReason(t *testing.T) {
	for _, problem := range strays(named(), spec.Source()) {
		t.Error(problem)
	}
	for name, plant := range map[string]func(map[string]int){
		"an operation without a method": func(n map[string]int) { delete(n, "getPayment") },
		"one with two":                  func(n map[string]int) { n["getPayment"]++ },
		"a method of no operation":      func(n map[string]int) { n["getNothing"] = 1 },
	} {
		t.Run(name+" is found", func(t *testing.T) {
			planted := named()
			plant(planted)
			if found := strays(planted, spec.Source()); len(found) != 1 {
				t.Errorf("found %q, want one problem", found)
			}
		})
	}
}

func TestEveryResourceIsIntroduced(t *testing.T) {
	c, err := Read(spec.Source())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Resources {
		if r.Doc == "" {
			t.Errorf("%s has no line in docs", r.Name)
		}
		for _, op := range r.Operations {
			if op.Doc == "" {
				t.Errorf("%s.%s has no summary in the contract", r.Name, op.Name)
			}
		}
	}
}

// Two shapes of one name would silently be one; the names of resources are types too.
func TestNamesAreOfOneThing(t *testing.T) {
	c, err := Read(spec.Source())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	claim := func(name, what string) {
		if seen[name] != "" {
			t.Errorf("%s is %s and %s", name, seen[name], what)
		}
		seen[name] = what
	}
	for _, r := range c.Resources {
		claim(goName(r.Name), "a resource")
	}
	for _, s := range c.Shapes {
		claim(s.Name, "a shape")
	}
	for _, e := range c.Enums {
		claim(e.Name, "an enum")
	}
}

func shapeOf(c *Contract, name string) *Shape {
	for _, s := range c.Shapes {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func TestWhatMembersBecome(t *testing.T) {
	c, err := Read(spec.Source())
	if err != nil {
		t.Fatal(err)
	}
	g := newGo(c)
	for _, want := range []struct{ shape, member, golang, node, python string }{
		{"Payment", "amount", "int64", "number", "int"},
		{"Payment", "currency", "Currency", "Currency", "Currency"},
		{"Payment", "failure", "*Failure", "Failure | null", "Union[Failure, None]"},
		{"Payment", "provider_id", "*string", "string | null", "Union[str, None]"},
		{"Payment", "payment_method", "PaymentPaymentMethod",
			"UnusedPaymentMethod | CardPaymentMethod | BankPaymentMethod | AddressPaymentMethod | GatewayPaymentMethod",
			"Union[UnusedPaymentMethod, CardPaymentMethod, BankPaymentMethod, AddressPaymentMethod, GatewayPaymentMethod]"},
		{"CaptureCard", "expiry_month", "int64", "number | string", "Union[int, str]"},
		{"CreatePaymentSession", "allow_duplicate", "*bool", "boolean", "bool"},
		{"CreatePaymentSession", "order", "*Order", "Order", "Order"},
		{"CreatePaymentSession", "redirect_url", "string", "string", "str"},
		{"Order", "items", "[]OrderItem", "Array<OrderItem>", "List[OrderItem]"},
	} {
		t.Run(want.shape+"."+want.member, func(t *testing.T) {
			s := shapeOf(c, want.shape)
			for _, f := range s.Fields {
				if f.Wire != want.member {
					continue
				}
				if got := [3]string{g.field(s, f), nodeType(f.Type), pythonType(f.Type)}; got != [3]string{want.golang, want.node, want.python} {
					t.Errorf("got %q", got)
				}
				return
			}
			t.Error("there is no such member")
		})
	}
}

func TestAContractThatIsNotUnderstoodIsRefused(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"no YAML":   func(string) string { return "paths: [" },
		"no object": func(string) string { return "[]" },
		"a missing operation": func(s string) string {
			return strings.Replace(s, "operationId: getPayment\n", "operationId: gone\n", 1)
		},
		"an unknown type": func(s string) string {
			return strings.Replace(s, "description: {type: string, minLength: 1", "description: {type: strange, minLength: 1", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := contract(t, change); err == nil {
				t.Error("it was taken")
			}
		})
	}
}
