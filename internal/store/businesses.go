package store

import (
	"database/sql"
	"time"
)

// Business is one merchant.
type Business struct {
	ID        string
	SecretID  string // key of the webhook checksum; shown in the settings only
	Name      string
	Address   string // JSON; "" if it has none
	PayoutPIN string // slow hash; "" if it has none
	CreatedAt time.Time
}

// APIKey is the record of a key; the key itself is kept as Hash only.
type APIKey struct {
	ID, Business, Hash, Prefix, Last4 string
	Name, Description                 string
	Scopes                            []string
	Replaces                          string
	Lifetime                          time.Duration // 0: no end
	CreatedAt                         time.Time
	ExpiresAt                         *time.Time
	RotatedAt                         *time.Time
	ReplacementUsedAt                 *time.Time
	RevokedAt                         *time.Time
	LastUsedAt                        *time.Time
}

// EncryptionKey is a card encryption key, sealed under the server secret.
type EncryptionKey struct {
	ID        string
	Sealed    string
	CreatedAt time.Time
	RetiredAt *time.Time
}

var (
	insertBusiness       = query("insert_business")
	businesses           = query("businesses")
	businessByID         = query("business_by_id")
	saveBusinessAddress  = query("save_business_address")
	savePayoutPIN        = query("save_payout_pin")
	insertAPIKey         = query("insert_api_key")
	apiKeyByHash         = query("api_key_by_hash")
	apiKeyByID           = query("api_key_by_id")
	apiKeyOfAny          = query("api_key_of_any")
	apiKeysOf            = query("api_keys_of")
	rotateAPIKey         = query("rotate_api_key")
	revokeAPIKey         = query("revoke_api_key")
	noteKeyUse           = query("note_key_use")
	noteReplacementUse   = query("note_replacement_use")
	setting              = query("setting")
	saveSetting          = query("save_setting")
	claimSetting         = query("claim_setting")
	insertEncryptionKey  = query("insert_encryption_key")
	encryptionKeys       = query("encryption_keys")
	retireEncryptionKeys = query("retire_encryption_keys")
)

// InsertBusiness writes a new business.
func (t Tx) InsertBusiness(b Business) error {
	return t.s.Exec(insertBusiness, One, b.ID, b.SecretID, b.Name, micros(b.CreatedAt))
}

// Businesses lists all, oldest first.
func (v View) Businesses() ([]Business, error) {
	return many(v, businesses, readBusiness)
}

// Business reads one; ErrNotFound.
func (v View) Business(id string) (Business, error) { return one(v, businessByID, readBusiness, id) }

func readBusiness(scan Scan) (b Business, err error) {
	var at int64
	err = scan(&b.ID, &b.SecretID, &b.Name, &at, &b.Address, &b.PayoutPIN)
	b.CreatedAt = fromMicros(at)
	return b, err
}

// SaveBusinessAddress changes the address that events and settings show.
func (t Tx) SaveBusinessAddress(id, address string) error {
	return t.s.Exec(saveBusinessAddress, One, address, id)
}

// SavePayoutPIN keeps the hash of the PIN that payouts need; "" removes it.
func (t Tx) SavePayoutPIN(id, hash string) error { return t.s.Exec(savePayoutPIN, One, hash, id) }

// InsertAPIKey writes a new key.
func (t Tx) InsertAPIKey(k *APIKey) error {
	return t.s.Exec(insertAPIKey, One, k.ID, k.Business, k.Hash, k.Prefix, k.Last4, k.Name, k.Description, toJSON(k.Scopes),
		k.Replaces, int64(k.Lifetime), micros(k.CreatedAt), microsOrNull(k.ExpiresAt))
}

// APIKeyByHash reads the key with that hash; ErrNotFound.
func (v View) APIKeyByHash(hash string) (*APIKey, error) {
	return one(v, apiKeyByHash, readAPIKey, hash)
}

// APIKey reads a key of a business; ErrNotFound.
func (v View) APIKey(business, id string) (*APIKey, error) {
	return one(v, apiKeyByID, readAPIKey, business, id)
}

// APIKeyByID reads a key of any business; ErrNotFound.
func (v View) APIKeyByID(id string) (*APIKey, error) { return one(v, apiKeyOfAny, readAPIKey, id) }

// APIKeys lists a business's keys, newest first.
func (v View) APIKeys(business string) ([]*APIKey, error) {
	return many(v, apiKeysOf, readAPIKey, business)
}

// RotateAPIKey marks a key as replaced; a Conflict means that it was before.
func (t Tx) RotateAPIKey(id string, at time.Time) error {
	return t.s.Exec(rotateAPIKey, One, micros(at), id)
}

// RevokeAPIKey ends a key; ended already: no change.
func (t Tx) RevokeAPIKey(id string, at time.Time) error {
	return t.s.Exec(revokeAPIKey, Any, micros(at), id)
}

// NoteKeyUse keeps when a key was last used.
func (t Tx) NoteKeyUse(id string, at time.Time) error {
	return t.s.Exec(noteKeyUse, Any, micros(at), id)
}

// NoteReplacementUse keeps when a rotated key's successor was first used.
func (t Tx) NoteReplacementUse(oldKey string, at time.Time) error {
	return t.s.Exec(noteReplacementUse, Any, micros(at), oldKey)
}

func readAPIKey(scan Scan) (*APIKey, error) {
	var k APIKey
	var scopes string
	var lifetime, created int64
	var expires, rotated, replaced, revoked, used sql.NullInt64
	err := scan(&k.ID, &k.Business, &k.Prefix, &k.Last4, &k.Name, &k.Description, &scopes, &k.Replaces, &lifetime,
		&created, &expires, &rotated, &replaced, &revoked, &used)
	if err != nil {
		return nil, err
	}
	k.Lifetime, k.CreatedAt = time.Duration(lifetime), fromMicros(created)
	k.ExpiresAt, k.RotatedAt, k.ReplacementUsedAt = fromNullable(expires), fromNullable(rotated), fromNullable(replaced)
	k.RevokedAt, k.LastUsedAt = fromNullable(revoked), fromNullable(used)
	return &k, fromJSON(scopes, &k.Scopes)
}

// Setting reads a named setting as kept, "" if there is none.
func (v View) Setting(name string) (string, error) {
	s, err := one(v, setting, readText, name)
	if IsMissing(err) {
		return "", nil
	}
	return s, err
}

// SaveSetting keeps a named setting.
func (t Tx) SaveSetting(name, value string) error { return t.s.Exec(saveSetting, One, name, value) }

// ClaimSetting keeps a setting that must be given once: a Conflict of "claim_setting"
// means that it is there.
func (t Tx) ClaimSetting(name, value string) error {
	return t.s.Exec(claimSetting, One, name, value)
}

// AddEncryptionKey makes k the current card encryption key and retires the others.
func (t Tx) AddEncryptionKey(k EncryptionKey) error {
	if err := t.s.Exec(retireEncryptionKeys, Any, micros(k.CreatedAt)); err != nil {
		return err
	}
	return t.s.Exec(insertEncryptionKey, One, k.ID, k.Sealed, micros(k.CreatedAt))
}

// EncryptionKeys lists all, the current one first.
func (v View) EncryptionKeys() ([]EncryptionKey, error) {
	return many(v, encryptionKeys, func(scan Scan) (k EncryptionKey, err error) {
		var created int64
		var retired sql.NullInt64
		err = scan(&k.ID, &k.Sealed, &created, &retired)
		k.CreatedAt, k.RetiredAt = fromMicros(created), fromNullable(retired)
		return k, err
	})
}
