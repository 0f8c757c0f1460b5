package wire

import "github.com/juicer-pay/juicer/internal/problem"

// Money is the block beside data that tells whether money moved.
type Money struct {
	Outcome   problem.Outcome `json:"outcome"`
	Retry     problem.Retry   `json:"retry"`
	StatusURL string          `json:"status_url"`
}

// Data is the envelope of an answer about something that is not money.
type Data struct {
	Data any `json:"data"`
}

// About is the envelope of an answer about a movement of money.
type About struct {
	Data  any   `json:"data"`
	Money Money `json:"money"`
}

// List is the envelope of a page.
type List struct {
	Data       any        `json:"data"`
	Pagination Pagination `json:"pagination"`
}

// Chosen is the envelope of a list asked for by ids or references.
type Chosen struct {
	Data       any        `json:"data"`
	Missing    []string   `json:"missing"`
	Pagination Pagination `json:"pagination"`
}
