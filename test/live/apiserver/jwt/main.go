// Command jwt-authenticator decides about tokens exactly as kube-apiserver does with an AuthenticationConfiguration: it runs
// kube-apiserver's own JWT authenticator, which fetches documents and keys from the issuer over HTTPS.
//
// It reads JSON lines {"authenticator", "tokens"}, where the first is an entry of jwt in that file, and prints one JSON line
// for each: {"refused"} when kube-apiserver would not start with it, else {"answers"}, one for each token: {"user"},
// {"error"}, or {} when the token is left to other authenticators.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/apis/apiserver"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
	"k8s.io/klog/v2"
)

type question struct {
	Authenticator apiserverv1.JWTAuthenticator `json:"authenticator"`
	Tokens        []string                     `json:"tokens"`
}

type identity struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

type answer struct {
	User  *identity `json:"user,omitempty"`
	Error string    `json:"error,omitempty"`
}

type result struct {
	Refused string   `json:"refused,omitempty"`
	Answers []answer `json:"answers,omitempty"`
}

func main() {
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jwt-authenticator:", err)
		os.Exit(2)
	}
}

func run(in io.Reader, out io.Writer) error {
	compiler := authenticationcel.NewDefaultCompiler()
	questions, results := json.NewDecoder(in), json.NewEncoder(out)
	questions.DisallowUnknownFields()
	for {
		var asked question
		if err := questions.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		given, err := ask(compiler, asked)
		if err != nil {
			return err
		}
		if err := results.Encode(given); err != nil {
			return err
		}
	}
}

func ask(compiler authenticationcel.Compiler, asked question) (result, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var internal apiserver.JWTAuthenticator
	if err := apiserverv1.Convert_v1_JWTAuthenticator_To_apiserver_JWTAuthenticator(&asked.Authenticator, &internal, nil); err != nil {
		return result{}, err
	}
	options := oidc.Options{
		JWTAuthenticator:     internal,
		Compiler:             compiler,
		SupportedSigningAlgs: oidc.AllValidSigningAlgorithms(), // as kube-apiserver has it when it is given a file
	}
	if pem := internal.Issuer.CertificateAuthority; pem != "" {
		authority, err := dynamiccertificates.NewStaticCAContent("issuer", []byte(pem))
		if err != nil {
			return result{Refused: err.Error()}, nil
		}
		options.CAContentProvider = authority
	}
	authenticator, err := oidc.New(ctx, options)
	if err != nil {
		return result{Refused: err.Error()}, nil
	}
	healthy := func(context.Context) (bool, error) { return authenticator.HealthCheck() == nil, nil }
	if err := wait.PollUntilContextTimeout(ctx, time.Millisecond, 20*time.Second, true, healthy); err != nil {
		return result{}, fmt.Errorf("%s: %w: %v", internal.Issuer.URL, err, authenticator.HealthCheck())
	}
	answers := make([]answer, len(asked.Tokens))
	for i, token := range asked.Tokens {
		answers[i] = authenticate(ctx, authenticator, token)
	}
	return result{Answers: answers}, nil
}

// authenticate asks again while keys of another issuer, which a distributed claim names, are still on their way.
func authenticate(ctx context.Context, authenticator oidc.AuthenticatorTokenWithHealthCheck, token string) answer {
	for attempt := 0; ; attempt++ {
		response, ok, err := authenticator.AuthenticateToken(ctx, token)
		if err != nil {
			if attempt < 50 && strings.Contains(err.Error(), "verifier not initialized") {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			return answer{Error: err.Error()}
		}
		if !ok {
			return answer{}
		}
		who := response.User
		return answer{User: &identity{who.GetName(), who.GetUID(), who.GetGroups(), who.GetExtra()}}
	}
}
