package sdkgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// catalogue is what the codes files say: the codes of requests and those of failures.
type catalogue struct {
	kinds    []*problem.Kind
	failures []string
	messages map[string]string // of failures
}

func newCatalogue() catalogue {
	c := catalogue{kinds: slices.Clone(problem.All()), messages: map[string]string{}}
	slices.SortFunc(c.kinds, func(a, b *problem.Kind) int { return strings.Compare(a.Code, b.Code) })
	for _, f := range problem.Failures() {
		if c.messages[f.Code] == "" {
			c.failures = append(c.failures, f.Code)
		}
		c.messages[f.Code] = f.Message
	}
	slices.Sort(c.failures)
	return c
}

const fromProblems = "by cmd/spec from spec/problems.json"

func (c catalogue) golang() ([]byte, error) {
	g := &goSDK{}
	g.line("// Code generated %s; DO NOT EDIT.\n\npackage juicer\n", fromProblems)
	g.line("// The codes of refused requests, as in Error.Code.\nconst (")
	for _, k := range c.kinds {
		g.line("\tCode%s = %q // %d: %s", goName(k.Code), k.Code, k.Status, sentence(k.Message))
	}
	g.line(")\n\n// The codes of payments, refunds and payouts that failed, as in Failure.Code.\nconst (")
	for _, code := range c.failures {
		g.line("\tFailed%s = %q // %s", goName(code), code, sentence(c.messages[code]))
	}
	g.line(")\n\n// classOf is the class of the error with a code; false for a code that is not ours.\nfunc classOf(code string) (class string, ok bool) {\n\tswitch code {")
	for _, class := range c.classes() {
		g.line("\tcase %s:\n\t\treturn %q, true", c.ofClass(class, func(k *problem.Kind) string { return "Code" + goName(k.Code) }), class)
	}
	g.line("\t}\n\treturn \"\", false\n}")
	return g.finish()
}

func (c catalogue) classes() []string {
	var all []string
	for _, k := range c.kinds {
		all = append(all, k.Class())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (c catalogue) ofClass(class string, name func(*problem.Kind) string) string {
	var some []string
	for _, k := range c.kinds {
		if k.Class() == class {
			some = append(some, name(k))
		}
	}
	return strings.Join(some, ", ")
}

func (c catalogue) node() []byte {
	n := &nodeSDK{}
	n.line("// Generated %s; do not edit.\n", fromProblems)
	n.line("/** The codes of refused requests, as in `error.code`. */\nexport const codes = {")
	for _, k := range c.kinds {
		n.comment("  ", fmt.Sprintf("%d: %s", k.Status, k.Message))
		n.line("  %s: '%s',", lowerCamel(k.Code), k.Code)
	}
	n.line("} as const;\n\nexport type ErrorCode = (typeof codes)[keyof typeof codes];\n")
	n.line("/** The codes of payments, refunds and payouts that failed, as in `failure.code`. */\nexport const failureCodes = {")
	for _, code := range c.failures {
		n.comment("  ", c.messages[code])
		n.line("  %s: '%s',", lowerCamel(code), code)
	}
	n.line("} as const;\n\n/** The classes of errors that codes belong to. */\nexport type ErrorClass =\n  | %s;\n", strings.ReplaceAll(words(c.classes()), " | ", "\n  | "))
	n.line("/** The class of the error with a code. */\nexport const classOf: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([")
	for _, k := range c.kinds {
		n.line("  ['%s', '%s'],", k.Code, k.Class())
	}
	n.line("]);")
	return n.finish()
}

func (c catalogue) python() []byte {
	p := &pythonSDK{}
	p.line("# Generated %s; do not edit.\n\"\"\"The codes of errors and failures.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import Dict, Final\n", fromProblems)
	p.line("# The codes of refused requests, as in ``error.code``.")
	for _, k := range c.kinds {
		p.line("%s: Final = %q  # %d: %s", strings.ToUpper(k.Code), k.Code, k.Status, sentence(k.Message))
	}
	p.line("\n# The codes of payments, refunds and payouts that failed, as in ``failure[\"code\"]``.")
	for _, code := range c.failures {
		p.line("FAILED_%s: Final = %q  # %s", strings.ToUpper(code), code, sentence(c.messages[code]))
	}
	p.line("\n# The class of the error with a code.\nCLASS_OF: Final[Dict[str, str]] = {")
	for _, k := range c.kinds {
		p.line("    %q: %q,", k.Code, k.Class())
	}
	p.line("}")
	return p.finish()
}
