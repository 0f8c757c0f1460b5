package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Route is one line of the API.
type Route struct {
	Method string
	Path   string // chi pattern
	Scope  string // what the key needs; "" for any key
	Cache  string // Cache-Control of a success; "" is no-store
	ETag   bool   // a strong ETag, and 304 for it
	Query  bool   // the handler reads the query; else every parameter is unknown
	Poll   bool   // takes ?wait=
	Free   bool   // no rate limit, no faults: /sandbox/*
	Page   func(*exchange)
	handle func(*exchange) (answer, error)
}

// The cache rules.
const (
	cacheNot     = "no-store"
	cacheAsk     = "private, no-cache"
	cacheDay     = "private, max-age=86400"
	cacheHour    = "private, max-age=3600"
	cacheFiveMin = "private, max-age=300"
	cacheMinute  = "private, max-age=60"
)

// routes is the whole API of this release.
func (s *Server) routes() []Route {
	all := slices.Concat(paymentRoutes(), partyRoutes(), beneficiaryRoutes(), payoutRoutes(), bulkRoutes(), linkRoutes(), requestRoutes(), webhookRoutes(), pageRoutes())
	if s.Sandbox != nil {
		all = append(all, sandboxRoutes()...)
	}
	return all
}

// paymentRoutes are the routes of payments: sessions, captures, refunds.
func paymentRoutes() []Route {
	return []Route{
		{Method: post, Path: "/payment-sessions", Scope: paymentsWrite, handle: createSession},
		{Method: get, Path: "/payment-sessions/encryption-keys/{mode}", Scope: paymentsWrite, Cache: cacheHour, ETag: true, handle: encryptionKey},
		{Method: get, Path: "/payment-sessions/{id}", Scope: paymentsRead, Cache: cacheAsk, ETag: true, Query: true, Poll: true, handle: getSession},
		{Method: post, Path: "/payment-sessions/{id}", Scope: paymentsWrite, handle: capture},
		{Method: post, Path: "/payment-sessions/{id}/authorize", Scope: paymentsWrite, handle: authorize},
		{Method: post, Path: "/payment-sessions/{id}/cancel", Scope: paymentsWrite, handle: cancel},
		{Method: get, Path: "/payments", Scope: paymentsRead, Query: true, handle: listPayments},
		{Method: get, Path: "/payments/stats", Scope: paymentsRead, Cache: cacheFiveMin, ETag: true, handle: paymentStats},
		{Method: get, Path: "/payments/{id}", Scope: paymentsRead, Cache: cacheAsk, ETag: true, Query: true, Poll: true, handle: getPayment},
		{Method: post, Path: "/payments/{id}/refunds", Scope: paymentsWrite, handle: refundPayment},
		{Method: get, Path: "/payments/{id}/refunds", Scope: paymentsRead, Query: true, handle: listRefunds},
		{Method: get, Path: "/refunds/{id}", Scope: paymentsRead, Cache: cacheAsk, ETag: true, Query: true, Poll: true, handle: getRefund},
	}
}

// partyRoutes are the routes of customers, wallets and deposits.
func partyRoutes() []Route {
	return []Route{
		{Method: post, Path: "/customers", Scope: customersWrite, handle: createCustomer},
		{Method: get, Path: "/customers", Scope: customersRead, Query: true, handle: listCustomers},
		{Method: get, Path: "/customers/{id}", Scope: customersRead, Cache: cacheAsk, ETag: true, Query: true, handle: getCustomer},
		{Method: patch, Path: "/customers/{id}", Scope: customersWrite, handle: updateCustomer},
		{Method: del, Path: "/customers/{id}", Scope: customersWrite, handle: deleteCustomer},
		{Method: post, Path: "/wallets", Scope: walletsWrite, handle: createWallet},
		{Method: get, Path: "/wallets/all", Scope: walletsRead, Query: true, handle: listWallets},
		{Method: post, Path: "/wallets/transactions", Scope: walletsWrite, handle: moveFunds},
		{Method: get, Path: "/wallets/transactions", Scope: walletsRead, Query: true, handle: listMoves},
		{Method: get, Path: "/wallets/transactions/{id}", Scope: walletsRead, Cache: cacheAsk, ETag: true, handle: getMove},
		{Method: get, Path: "/wallets/{id}", Scope: walletsRead, Cache: cacheAsk, ETag: true, handle: getWallet},
		{Method: get, Path: "/wallets/{id}/payment-methods", Scope: walletsRead, Cache: cacheAsk, ETag: true, handle: walletMethods},
		{Method: get, Path: "/wallets/{id}/statement", Scope: walletsRead, Query: true, handle: getStatement},
		{Method: patch, Path: "/wallets/{id}/status", Scope: walletsWrite, handle: setWalletStatus},
		{Method: get, Path: "/deposits", Scope: walletsRead, Query: true, handle: listDeposits},
		{Method: get, Path: "/deposits/{id}", Scope: walletsRead, Cache: cacheAsk, ETag: true, handle: getDeposit},
		{Method: post, Path: "/wallets/{id}/payment-method", Scope: walletsWrite, handle: requestAccount},
	}
}

// beneficiaryRoutes are the routes of whom a business pays, and of their banks.
func beneficiaryRoutes() []Route {
	return []Route{
		{Method: post, Path: "/beneficiaries", Scope: beneficiariesWrite, handle: createBeneficiary},
		{Method: get, Path: "/beneficiaries", Scope: beneficiariesRead, Query: true, handle: listBeneficiaries},
		{Method: get, Path: "/beneficiaries/{id}", Scope: beneficiariesRead, Cache: cacheAsk, ETag: true, handle: getBeneficiary},
		{Method: del, Path: "/beneficiaries/{id}", Scope: beneficiariesWrite, handle: deleteBeneficiary},
		{Method: get, Path: "/payment-methods/banks", Scope: beneficiariesRead, Cache: cacheDay, ETag: true, Query: true, handle: listBanks},
		{Method: post, Path: "/payment-methods/resolve-bank-account", Scope: beneficiariesRead, handle: resolveBankAccount},
	}
}

// requestRoutes are the routes of keys, requests and batches.
func requestRoutes() []Route {
	return []Route{
		{Method: post, Path: "/keys", Scope: keysWrite, handle: createKey},
		{Method: get, Path: "/keys", Scope: keysRead, Query: true, handle: listKeys},
		{Method: get, Path: "/keys/{id}", Scope: keysRead, Cache: cacheAsk, ETag: true, handle: getKey},
		{Method: post, Path: "/keys/{id}/rotate", Scope: keysWrite, handle: rotateKey},
		{Method: del, Path: "/keys/{id}", Scope: keysWrite, handle: revokeKey},
		{Method: get, Path: "/exchange/quote", Scope: exchangeRead, Query: true, handle: getQuote}, // with lock: exchangeWrite
		{Method: post, Path: "/exchange/quote/{id}/lock", Scope: exchangeWrite, handle: lockQuote},
		{Method: post, Path: "/exchange/swap", Scope: exchangeWrite, handle: createSwap},
		{Method: get, Path: "/exchange/swap", Scope: exchangeRead, Query: true, handle: listSwaps},
		{Method: get, Path: "/exchange/swap/{id}", Scope: exchangeRead, Cache: cacheAsk, ETag: true, handle: getSwap},
		{Method: get, Path: "/exchange/pairs", Scope: exchangeRead, Cache: cacheMinute, ETag: true, handle: listPairs},
		{Method: get, Path: "/exchange/swap-configurations", Scope: exchangeRead, Cache: cacheMinute, ETag: true, Query: true, handle: listSwapConfigurations},
		{Method: get, Path: "/exchange/fx/rate", Scope: exchangeRead, Query: true, handle: getFXRate},
		{Method: post, Path: "/exchange/fx/rate/{id}/lock", Scope: exchangeWrite, handle: lockFXRate},
		{Method: post, Path: "/exchange/fx/aggregator-rates/lock", Scope: exchangeWrite, handle: lockAggregatorRate},
		{Method: post, Path: "/exchange/fx/convert", Scope: exchangeWrite, handle: createConversion},
		{Method: post, Path: "/exchange/convert", Scope: exchangeRead, handle: reckon},
		{Method: post, Path: "/exchange/orders", Scope: exchangeWrite, handle: createOrder},
		{Method: get, Path: "/exchange/orders", Scope: exchangeRead, Query: true, handle: listOrders},
		{Method: get, Path: "/exchange/orders/{id}", Scope: exchangeRead, Cache: cacheAsk, ETag: true, handle: getOrder},
		{Method: del, Path: "/exchange/orders/{id}", Scope: exchangeWrite, handle: cancelOrder},
		{Method: get, Path: "/exchange/rates", Scope: exchangeRead, Cache: cacheMinute, ETag: true, handle: listRates},
		{Method: patch, Path: "/exchange/rates/{id}", Scope: exchangeWrite, handle: setRate},
		{Method: get, Path: "/requests", Scope: requestsRead, Query: true, handle: listRequests},
		{Method: get, Path: "/requests/{id}", Scope: requestsRead, Cache: cacheAsk, ETag: true, handle: getRequest},
		{Method: post, Path: batchPath, handle: batch},
		{Method: get, Path: "/idempotency-keys/{key}", handle: getIdempotencyKey},
	}
}

// webhookRoutes are the routes of settings, webhooks and events.
func webhookRoutes() []Route {
	return []Route{
		{Method: get, Path: "/accounts/settings", Scope: webhooksRead, handle: getAccount},
		{Method: patch, Path: "/accounts/settings", Scope: webhooksWrite, handle: patchAccount},
		{Method: patch, Path: "/businesses/webhook", Scope: webhooksWrite, handle: addWebhooks},
		{Method: post, Path: "/webhook-endpoints", Scope: webhooksWrite, handle: createEndpoint},
		{Method: get, Path: "/webhook-endpoints", Scope: webhooksRead, Query: true, handle: listEndpoints},
		{Method: get, Path: "/webhook-endpoints/{id}", Scope: webhooksRead, Cache: cacheAsk, ETag: true, handle: getEndpoint},
		{Method: patch, Path: "/webhook-endpoints/{id}", Scope: webhooksWrite, handle: patchEndpoint},
		{Method: del, Path: "/webhook-endpoints/{id}", Scope: webhooksWrite, handle: deleteEndpoint},
		{Method: post, Path: "/webhook-endpoints/{id}/rotate-secret", Scope: webhooksWrite, handle: rotateSecret},
		{Method: post, Path: "/webhook-endpoints/{id}/resend", Scope: webhooksWrite, handle: resendMany},
		{Method: get, Path: "/webhook-endpoints/{id}/deliveries", Scope: webhooksRead, Query: true, handle: listDeliveries},
		{Method: get, Path: "/webhook-deliveries/{id}", Scope: webhooksRead, Cache: cacheAsk, ETag: true, handle: getDelivery},
		{Method: post, Path: "/webhook-deliveries/{id}/resend", Scope: webhooksWrite, handle: resendDelivery},
		{Method: get, Path: "/events", Scope: webhooksRead, Query: true, Poll: true, handle: listEvents},
		{Method: get, Path: "/events/{id}", Scope: webhooksRead, Cache: cacheAsk, ETag: true, handle: getEvent},
	}
}

// pageRoutes are the pages without a key.
func pageRoutes() []Route {
	return []Route{
		{Method: get, Path: "/payment-sessions/{id}/3ds", Page: backFromBank},
		{Method: get, Path: "/pay/{id}", Page: payPage},
		{Method: get, Path: "/docs/errors", Page: errorsPage},
		{Method: get, Path: "/openapi.json", Page: openAPI},
	}
}

const (
	get   = http.MethodGet
	post  = http.MethodPost
	patch = http.MethodPatch
	del   = http.MethodDelete

	paymentsRead  = "payments:read"
	paymentsWrite = "payments:write"
	keysRead      = "keys:read"
	keysWrite     = "keys:write"
	requestsRead  = "requests:read"
	webhooksRead  = "webhooks:read"
	webhooksWrite = "webhooks:write"

	customersRead      = "customers:read"
	customersWrite     = "customers:write"
	beneficiariesRead  = "beneficiaries:read"
	beneficiariesWrite = "beneficiaries:write"
	walletsRead        = "wallets:read"
	walletsWrite       = "wallets:write"
	exchangeRead       = "exchange:read"
	exchangeWrite      = "exchange:write"
	payoutsRead        = "payouts:read"
	payoutsWrite       = "payouts:write"
)

// path is the path as routes spell it: without /v1 and one trailing slash,
// percent-encoding kept.
func path(r *http.Request) string {
	p := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(p, "/v1"); ok && (rest == "" || rest[0] == '/') {
		p = rest
	}
	if len(p) > 1 {
		p = strings.TrimSuffix(p, "/")
	}
	if p == "" {
		return "/"
	}
	return p
}

// find gives the route of a request and its path parameters, still encoded. It
// raises route_not_found or method_not_allowed.
func (s *Server) find(method, p string) (*Route, *chi.Context, error) {
	if method == http.MethodHead {
		method = get
	}
	ctx := chi.NewRouteContext()
	if pattern := s.mux.Find(ctx, method, p); pattern != "" {
		return s.table[method+" "+pattern], ctx, nil
	}
	if allowed := s.allowed(p); len(allowed) > 0 {
		return nil, nil, problem.MethodNotAllowed.With(problem.Details{"allowed": allowed, "method": method})
	}
	return nil, nil, problem.RouteNotFound.With(problem.Details{"method": method, "path": p})
}

// allowed lists the methods that the path takes.
func (s *Server) allowed(p string) []string {
	var out []string
	for _, m := range []string{del, get, http.MethodHead, patch, post} {
		as := m
		if m == http.MethodHead {
			as = get
		}
		if s.mux.Find(chi.NewRouteContext(), as, p) != "" {
			out = append(out, m)
		}
	}
	return out
}
