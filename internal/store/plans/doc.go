// Package plans holds nothing but tests: they look at how both databases find their rows
// when the store holds 10^6 payments. testdata/hot.txt is the table of what is expected.
package plans
