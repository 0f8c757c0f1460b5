module github.com/juicer-pay/juicer/sdk/go

go 1.26.0
