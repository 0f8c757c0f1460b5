package problem

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

func contents(t *testing.T, kinds []*Kind) map[string][]byte {
	t.Helper()
	files, err := Files(kinds)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		all[f.Path] = f.Content
	}
	return all
}

// The fault is planted in a copy of a row: cmd/spec -check compares these bytes.
func TestAChangedRowChangesWhatIsGenerated(t *testing.T) {
	now := contents(t, All())
	for name, change := range map[string]func(*Kind){
		"message": func(k *Kind) { k.Message = "Try later." },
		"status":  func(k *Kind) { k.Status = 429 },
		"retry":   func(k *Kind) { k.Retry = Again(SameKey, 7000) },
		"outcome": func(k *Kind) { k.Outcome = Unknown },
	} {
		t.Run(name, func(t *testing.T) {
			kinds := All()
			i := slices.Index(kinds, BankNotAvailable)
			row := *BankNotAvailable
			change(&row)
			kinds[i] = &row
			then := contents(t, kinds)
			var changed []string
			for path := range now {
				if !bytes.Equal(now[path], then[path]) {
					changed = append(changed, path)
				}
			}
			slices.Sort(changed)
			want := []string{"docs/errors.md", "spec/problems.json", GoldenDir + "/bank_not_available.http"}
			if !slices.Equal(changed, want) {
				t.Errorf("changed: %v", changed)
			}
		})
	}
}

func TestTheContractFileTellsTheWholeCatalogue(t *testing.T) {
	var in struct {
		Problems []struct {
			Code     string
			Status   int
			Retry    Retry
			Outcomes []Outcome
		}
		Failures   []struct{ Code string }
		FieldCodes []struct{ Code string } `json:"field_codes"`
	}
	if err := json.Unmarshal(contents(t, All())["spec/problems.json"], &in); err != nil {
		t.Fatal(err)
	}
	if len(in.Problems) != len(All()) || len(in.Failures) != len(Failures()) || len(in.FieldCodes) != len(FieldRules()) {
		t.Errorf("%d problems, %d failures, %d field codes", len(in.Problems), len(in.Failures), len(in.FieldCodes))
	}
	for i, k := range All() {
		if p := in.Problems[i]; p.Code != k.Code || p.Status != k.Status || p.Retry.Allowed != k.Retry.Allowed || p.Outcomes[0] != k.Outcome {
			t.Errorf("row %d: %+v is not %s", i, p, k.Code)
		}
	}
}
