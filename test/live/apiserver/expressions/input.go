package main

import (
	"encoding/json"
	_ "unsafe" // for the two references below

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/lazy"
	_ "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc" // has what is referred to below
)

// What an expression sees is made by these two: they decide how names are escaped and how a map is walked.
// kube-apiserver does not export them, and a copy of them would prove nothing. An empty .s file lets them have no body.

//go:linkname newClaimsValue k8s.io/apiserver/plugin/pkg/authenticator/token/oidc.newClaimsValue
func newClaimsValue(claims map[string]json.RawMessage) *lazy.MapValue

//go:linkname newUserInfoValue k8s.io/apiserver/plugin/pkg/authenticator/token/oidc.newUserInfoValue
func newUserInfoValue(info user.Info) *lazy.MapValue

type identity struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

func inputOf(variable string, given json.RawMessage) (*lazy.MapValue, error) {
	if len(given) == 0 {
		given = json.RawMessage("{}")
	}
	if variable == "claims" {
		var claims map[string]json.RawMessage
		err := json.Unmarshal(given, &claims)
		return newClaimsValue(claims), err
	}
	var who identity
	err := json.Unmarshal(given, &who)
	return newUserInfoValue(&user.DefaultInfo{Name: who.Username, UID: who.UID, Groups: who.Groups, Extra: who.Extra}), err
}
