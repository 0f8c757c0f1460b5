package plans

// What the rows of testdata/million.sql offer to ask for. The business has two thirds of
// everything; the moment is that of its youngest payment.
const (
	business  = "business-10"
	owner     = "owner-10007"
	moment    = 1_800_000_000_000_000
	day       = 86_400_000_000
	id        = "01930000-0000-7000-8000-100000600030" // of a payment in the middle of the year
	refunded  = "01930000-0000-7000-8000-100000600026"
	refund    = "01930000-0000-7000-9000-100000600026"
	entry     = "01930000-0000-7000-a000-100000600030"
	line      = "req_100000200030"
	key       = "idem-100000200030"
	lineKey   = "idem-100000200030" // of a line of the request log
	lineOf    = "01930000-0000-7000-8000-100000940006"
	apiKey    = "key-100007"
	customer  = "customer-103030"
	reference = "order-1600030"
	purse     = "wallet-c-103030"                      // of the customer
	posted    = "wallet-c-100030"                      // one with a long statement
	dealt     = "01930000-0000-7000-b000-100000600030" // a deal, its quote and its order
	latest    = 1<<62 - 1
	page      = 16
)

// values are what each hot query is asked with, as a server would ask: a page deep
// in the list of the largest business, the few open ones of its many payments, what
// is due now.
var values = map[string][]any{
	"payment_by_id":           {id},
	"payment_by_reference":    {business, reference},
	"payments_older":          {business, moment - 180*day, id, 0, page},
	"payments_newer":          {business, moment - 180*day, id, latest, page},
	"payments_older_in_state": {business, "in_doubt", moment, "", 0, page},
	"payments_newer_in_state": {business, "in_doubt", moment - 180*day, "", latest, page},
	"payment_states_since":    {business, moment - 30*day},
	"payments_alike":          {business, moment - day, customer, 1000, "NGN"},
	"sum_of_customer":         {business, customer, moment - day, "card"},
	"insert_payment": {"01930000-0000-7000-8000-200000000000", business, "order-new", "card", "created", 1000, "NGN", 0, 0, 0, 0, 1, customer, "",
		"{}", "{}", moment, moment, moment},
	"save_payment":      {"settled", 1000, 0, 0, 1, "{}", moment, moment, id, 4},
	"insert_customer":   {"customer-new", business, "new@example.com", "{}", moment, moment, "active", 0},
	"customer_by_email": {business, customer + "@example.com"},

	"refund_by_id":        {refund},
	"refund_by_reference": {business, "refund-1600026"},
	"refunds_older":       {refunded, moment, "", page},
	"refunds_newer":       {refunded, 0, "", page},
	"insert_refund":       {"01930000-0000-7000-9000-200000000000", business, id, "refund-new", 1000, "NGN", "", "processing", "api", "", 0, 1, moment, moment},
	"save_refund":         {"succeeded", "", 1, moment, refund, 2},

	"instruction_by_ref": {id + "/1"},
	"instructions_of":    {id},
	"insert_instruction": {id + "/2", business, "payment", id, "card", "charge", "", 1000, "NGN", "", "", 1, 0, "node-1", moment, nil, nil},
	"save_instruction":   {"approved", "", 1, 0, "node-1", nil, moment, "01930000-0000-7000-8000-100000600071/1", 1, 0},

	"insert_entry":           {"01930000-0000-7000-a000-200000000000", business, moment, "capture.succeeded", id, ""},
	"insert_posting":         {"01930000-0000-7000-a000-200000000000", 0, "clearing:card", 1000, "NGN"},
	"insert_two_postings":    {"01930000-0000-7000-a000-200000000000", "clearing:card", 1000, "NGN", "fees", -1000, "NGN"},
	"change_guarded_balance": {1, "merchant:" + owner, "NGN"},
	"add_to_balance":         {"merchant:" + owner, "NGN", 1},
	"open_balance":           {"merchant:new", "NGN"},
	"balance":                {"merchant:" + owner, "NGN"},
	"unsealed_entries":       {500},
	"entry_by_id":            {entry},
	"postings_of":            {entry},
	"entries_of_object":      {id},
	"number_entry":           {1_000_000, "01930000-0000-7000-a000-100000999995"},
	"insert_seal":            {1_000_000, entry, "hash"},

	"insert_event":            {"evt_new", business, "payment.session.succeeded", id, "{}", moment, moment},
	"events_of":               {id},
	"unnumbered_events":       {500},
	"oldest_unnumbered_event": {},
	"events_after":            {business, 500_000, "", page},
	"event_by_id":             {"evt_100000500000"},
	"first_event_since":       {business, moment - 30*day},
	"insert_delivery": {"delivery-new", business, "endpoint-10", "evt_new", "payment.session.succeeded", 1_000_001, 999_990, "pending", "[]", 0, 0,
		nil, moment, 0, "", nil, "", moment},
	"delivery_by_id":             {"delivery-100000500000"},
	"deliveries_of_event":        {"evt_100000500000"},
	"deliveries_due":             {"endpoint-10", moment, moment, 8},
	"count_leased_deliveries":    {"endpoint-10", moment},
	"lease_delivery":             {"node-1", moment, "delivery-100000500000", 0},
	"finish_delivery":            {"delivered", "[]", 1, 1, moment, nil, 0, "", nil, "", "delivery-100000500000", 0},
	"release_reordered":          {moment, "endpoint-10", 1_000_000},
	"count_held_deliveries":      {"endpoint-10"},
	"finish_job":                 {"payment", id, 1},
	"insert_request":             {"req_new", business, moment, "GET", "/payments/1", 503, "rail_unavailable", "", "idem", id, "{}", "{}", "{}", "{}"},
	"request_by_id":              {line},
	"requests_older":             {business, moment - 15*day, line, 0, page},
	"requests_newer":             {business, moment - 15*day, line, latest, page},
	"requests_of_object_older":   {business, moment, "", 0, 0, "", "", "", lineOf, page},
	"requests_of_object_newer":   {business, 0, "", latest, 0, "", "", "", lineOf, page},
	"requests_with_key_older":    {business, moment, "", 0, 0, "", "", lineKey, "", page},
	"requests_with_key_newer":    {business, 0, "", latest, 0, "", "", lineKey, "", page},
	"requests_with_code_older":   {business, moment, "", 0, 0, "rail_unavailable", "", "", "", page},
	"requests_with_code_newer":   {business, 0, "", latest, 0, "rail_unavailable", "", "", "", page},
	"requests_with_status_older": {business, moment, "", 0, 503, "", "", "", "", page},
	"requests_with_status_newer": {business, 0, "", latest, 503, "", "", "", "", page},
	"forget_requests":            {moment - 29*day},
	"strip_request_bodies":       {moment - 7*day},

	"insert_quote":      {"quote-new", business, "quote", "CAD-NGN", "buy", "1030.00", "open", 0, 30, 60, moment, moment, ""},
	"save_quote":        {"used", moment, dealt, dealt, 1},
	"quote_by_id":       {dealt},
	"forget_quotes":     {moment - 30*day},
	"insert_deal":       {"deal-new", business, "swap", nil, nil, "CAD-NGN", "buy", "1030.00", 100, 103000, 0, "success", "", moment},
	"deal_by_id":        {dealt},
	"deal_by_reference": {business, "conversion", "deal-100000600020"},
	"deals_older":       {business, "swap", moment - 180*day, dealt, "", "", page},
	"deals_newer":       {business, "swap", moment - 180*day, dealt, "", "", page},
	"insert_order":      {"order-new", business, "CAD-NGN", "buy", 100, "gtc", nil, "filled", 0, 104000, 104000, moment, moment},
	"save_order":        {"cancelled", moment, dealt, 0},
	"order_by_id":       {dealt},
	"orders_older":      {business, moment - 180*day, dealt, "", "", page},
	"orders_newer":      {business, moment - 180*day, dealt, "", "", page},
	"insert_rate":       {"CAD-NGN", 1, 2, 300, 1, moment},
	"save_rate":         {1, 2, 300, moment, "CAD-NGN", 1},

	"schedule_job":   {"payment", id, business, moment, ""},
	"drop_job":       {"payment", "01930000-0000-7000-8000-100000600007"},
	"lease_jobs":     {moment, moment, "node-1", 32, moment + 30_000_000},
	"postpone_job":   {moment, "payment", "01930000-0000-7000-8000-100000600007", 1},
	"next_job":       {moment},
	"count_due_jobs": {moment},
	"hasten_jobs":    {moment},
	"insert_node":    {"node-new", moment, moment, ""},
	"renew_node":     {moment, "", "node-1", 0},
	"node_by_id":     {"node-1"},
	"drop_node":      {"node-1"},

	"claim_key":     {business, "idem-new", "f", "{}", "POST", "/payment-sessions", "payments:write", "in_progress", "node-1", "[]", "payment", id, 0, "", "", moment, nil},
	"take_over_key": {"node-1", "[]", business, key, ""},
	"complete_key":  {200, "succeeded", "{}", "payment", id, moment, business, key},
	"release_key":   {business, key, "node-1"},
	"note_replay":   {"[1]", business, key, "[]"},
	"key_by_name":   {business, key},
	"forget_key":    {business, key, moment},
	"forget_keys":   {moment - 89*day},

	"insert_business":       {"business-new", "s", "New", moment},
	"insert_wallet":         {"wallet-new", business, "customer-new", "NGN", "active", moment, "customer-new", "account-new", moment, 0},
	"wallet_of":             {"business-17", owner, "NGN"},
	"insert_api_key":        {"key-new", business, "hash-new", "test_", "1234", "", "", "[]", "", 0, moment, nil},
	"api_key_by_hash":       {"hash-100007"},
	"api_key_by_id":         {business, apiKey},
	"api_keys_of":           {business},
	"rotate_api_key":        {moment, apiKey},
	"revoke_api_key":        {moment, apiKey},
	"note_key_use":          {moment, apiKey},
	"note_replacement_use":  {moment, apiKey},
	"setting":               {"setting-11"},
	"save_setting":          {"setting-11", "2"},
	"claim_setting":         {"setting-new", "1"},
	"insert_encryption_key": {"encryption-new", "sealed", moment},

	"customer_by_id":       {customer},
	"customer_with_email":  {business, customer + "@example.com"},
	"customers_older":      {business, 1770000000100000, "", 0, page},
	"customers_newer":      {business, 1770000000100000, "", latest, page},
	"save_customer":        {"{}", "active", moment, customer, customer + "@example.com", 0},
	"hold_customer":        {customer, 0},
	"leave_email":          {customer, 0},
	"payments_of_customer": {business, customer, page},

	"wallet_by_id":             {purse},
	"save_wallet":              {customer, "frozen", moment, purse, 0},
	"wallets_of_customer":      {customer},
	"wallets_older":            {business, 1770000000100000, "", page},
	"wallets_newer":            {business, 1770000000100000, "", page},
	"insert_wallet_event":      {"happening-new", purse, 1, "frozen", "", moment},
	"wallet_events_of":         {purse, 100},
	"insert_wallet_account":    {"wallet-new", "number-new", business, "bank_account", "Ada Obi", "", "", moment},
	"issue_wallet_account":     {"9900000001", "999001", "Steady Bank", moment, purse},
	"wallet_account_of":        {purse},
	"wallet_account_by_number": {"9910003030"},

	"insert_wallet_transaction":       {"move-new", business, purse, "mv-new", "credit", 1000, "NGN", "", 1000, moment},
	"wallet_transaction_by_id":        {"move-103030"},
	"wallet_transaction_by_reference": {business, "mv-103030"},
	"wallet_transactions_older":       {business, moment - 180*day, "", "", page},
	"wallet_transactions_newer":       {business, moment - 180*day, "", "", page},
	"transactions_of_wallet_older":    {purse, moment, "", "", page},
	"transactions_of_wallet_newer":    {purse, 0, "", "", page},

	"payout_by_id":           {"payout-200030"},
	"payout_by_reference":    {business, "po-1100030"},
	"payouts_older":          {business, moment - 180*day, "payout-200030", 0, page},
	"payouts_newer":          {business, moment - 180*day, "payout-200030", latest, page},
	"payouts_older_in_state": {business, "in_doubt", moment, "", 0, page},
	"payouts_newer_in_state": {business, "in_doubt", moment - 180*day, "", latest, page},
	"payouts_alike":          {business, moment - 30*day, "bene-103031", 1000, "NGN"},
	"insert_payout": {"payout-new", business, "po-new", "pending", 1000, "NGN", 2500, "sender", 3500, "NGN", "nuban", "wallet-10", "bene-103031", "", "", 0, 0,
		"{}", moment, moment},
	"save_payout":   {"succeeded", "", "nuban-2", 1, moment, "payout-200030", 2},
	"spend_daily":   {business, "crypto", 20833, 1000, 10_000_000},
	"unspend_daily": {1000, business, "crypto", 20700},
	"spent_daily":   {business, "crypto", 20700},

	"insert_beneficiary":        {"bene-new", business, "bank_account/NGN/999001/0690000031", "bank_account", "NGN", "{}", "", "active", moment},
	"retire_beneficiary":        {"bene-103031"},
	"beneficiary_by_id":         {"bene-103031"},
	"beneficiary_with_identity": {"business-11", "bank_account/NGN/999001/1000003031"},
	"beneficiaries_older":       {business, 1770000000050000, "", "", "", page},
	"beneficiaries_newer":       {business, 1770000000050000, "", "", "", page},

	"insert_bulk":              {"bulk-new", business, "salaries-new", "created", 0, 0, "{}", "", "{}", moment, moment, moment, nil},
	"insert_bulk_tally":        {"bulk-new", 0, 0, 0, moment},
	"save_bulk":                {"completed", 10, "{}", moment, moment, "bulk-103021", 3},
	"count_bulk":               {1, 0, -1, moment, "bulk-103021"},
	"bulk_by_id":               {"bulk-103021"},
	"bulk_by_reference":        {"business-11", "salaries-103001"},
	"bulks_older":              {business, 1770000000010000, "", page},
	"bulks_newer":              {business, 1770000000010000, "", page},
	"bulks_older_in_state":     {business, "completed", 1770000000010000, "", page},
	"bulks_newer_in_state":     {business, "completed", 1770000000010000, "", page},
	"insert_bulk_item":         {"item-new", "bulk-103021", 99, business, "sal-new", "pending", 10000, "NGN", "NGN", 2500, "sender", "nuban", "w", "", "{}", moment},
	"end_bulk_item":            {"failed", "", "item-1030210"},
	"bulk_items_pending":       {"bulk-103021", page},
	"bulk_item_with_reference": {"business-31", "sal-1030210"},
	"schedule_bulk_end":        {"bulk_transfer", moment, "bulk-103021"},

	"shut_balance":     {1, "wallet:" + purse, "NGN"},
	"close_balance":    {"wallet:" + purse, "NGN"},
	"unsealed_sum":     {"pending:" + purse, "NGN"},
	"statement_totals": {moment - 30*day, "wallet:" + posted, "NGN", moment},
	"statement_lines":  {"wallet:" + posted, "NGN", "", 0, 0, moment, page},
	"reference_of":     {id},

	"deposit_by_id":       {"deposit-103031"},
	"deposit_by_transfer": {"nuban", "999001103031"},
	"deposits_of_payment": {"paid-103030"},
	"deposits_older":      {business, moment - 180*day, "", 0, page},
	"deposits_newer":      {business, moment - 180*day, "", latest, page},
	"insert_deposit":      {"deposit-new", business, "nuban", "999001new", "", purse, customer, 1000, "NGN", "settled", 1, "{}", 0, 0, moment, moment, moment},
	"save_deposit":        {"returning", 1, 1, moment, "deposit-103030", 0},
}
