package conformance

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
)

const (
	ivLength  = 16
	tagLength = 16
)

// encrypt writes a card field as hex(iv):hex(ciphertext):hex(tag): AES-256-GCM
// under the 32 ASCII bytes of key.
func encrypt(key, plain string, iv []byte) (string, error) {
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return "", err
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, ivLength)
	if err != nil {
		return "", err
	}
	sealed := gcm.Seal(nil, iv, []byte(plain), nil)
	cut := len(sealed) - tagLength
	return hex.EncodeToString(iv) + ":" + hex.EncodeToString(sealed[:cut]) + ":" + hex.EncodeToString(sealed[cut:]), nil
}

// sealed is plain under the target's encryption key.
func (t *trial) sealed(plain string) string {
	out, err := encrypt(t.env.cipher, plain, randomBytes(ivLength))
	if err != nil {
		t.failed(nil, "an encryption key that AES-256 can use: %v", err)
	}
	return out
}

// Test cards, by what they do.
const (
	cardApproved      = "4000000000011009"
	cardDocumented    = "4012000033330026"
	cardMastercard    = "5123450000000008"
	cardOTP           = "4000000000011108"
	cardOTPDeclined   = "4000000000011116"
	cardOTPNever      = "4000000000011124"
	cardPIN           = "4000000000011207"
	cardPINThenOTP    = "4000000000011702"
	cardAVS           = "4000000000011306"
	cardEnrol         = "4000000000011405"
	cardCVVStep       = "4000000000011603"
	card3DS           = "4000000000011504"
	card3DSRefused    = "4000000000011512"
	card3DSDocumented = "4761530000000008"
	cardRefundFails   = "4000000000014011"
	cardRefundSlow    = "4000000000014029"
	cardDeclined      = "4000000000012023"
	cardNoFunds       = "4000000000012015"
	card5s            = "4000000000020059"
	card20s           = "4000000000020208"
	card40s           = "4000000000020406"
	cardReplyLost     = "4000000000013013"
	cardNeverArrived  = "4000000000013021"
	cardLateSuccess   = "4000000000013039"
	cardLateFailure   = "4000000000013047"
	cardTwice         = "4000000000013054"
	cardEarly         = "4000000000013062"
	cardSilent        = "4000000000013070"
	cardContrary      = "4000000000013088"
	cardUnreachable   = "4000000000013096"

	goodCVV = "100"
	goodOTP = "123456"
	goodPIN = "1234"
)

// card is the body of a capture with the number, the CVV of all test cards and
// an expiry date far ahead.
func (t *trial) card(number string) object {
	return object{"card": object{
		"card_number": t.sealed(number), "cvv": t.sealed(goodCVV), "expiry_month": 1, "expiry_year": 2039,
	}}
}
