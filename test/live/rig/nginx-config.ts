// Writes nginx.conf of the live basic-auth upstream: one location for every manner that an upstream has shown.
import { join } from 'node:path';

export interface NginxConfig {
  readonly folder: string;
  readonly ports: { readonly plain: number; readonly tls: number; readonly mutualTls: number };
  readonly thiefUrl: string;
  readonly server: { readonly certFile: string; readonly keyFile: string };
  readonly clientCAFile: string;
}

const AUTH = 'auth_basic "itest"; auth_basic_user_file users.htpasswd;';
const CLAIMS = '{"user":"$remote_user","groups":["devs","eng"],"active":true}';

/** `return` answers before credentials are looked at; `echo` and `proxy_pass` answer after they were accepted. */
function locations(config: NginxConfig): string {
  return `
    location = /ok { ${AUTH} default_type text/plain; echo ok; }
    location = /204 { ${AUTH} proxy_pass http://127.0.0.1:${config.ports.plain}/internal-204; }
    location = /internal-204 { return 204; }
    location = /json { ${AUTH} default_type application/json; add_header X-Remote-User $remote_user; add_header X-Remote-Groups "devs,eng"; echo '${CLAIMS}'; }
    location = /basic-auth/user1/pass1 { auth_basic "Fake Realm"; auth_basic_user_file user1.htpasswd; default_type application/json; echo '{"authenticated":true,"user":"user1"}'; }
    location = /accepts-everything { default_type text/html; echo '<html>Please accept our terms of use</html>'; }
    location = /403 { return 403; }
    location = /403-after-auth { ${AUTH} proxy_pass http://127.0.0.1:${config.ports.plain}/internal-403; }
    location = /internal-403 { return 403; }
    location = /e500 { return 500; }
    location = /e503 { add_header Retry-After 1 always; return 503; }
    location = /e429 { add_header Retry-After 1 always; return 429; }
    location = /slow { ${AUTH} echo_sleep 5; echo ok; }
    location = /hang { echo_sleep 3600; echo ok; }
    location = /drip { ${AUTH} echo_foreach_split , 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1; echo -n x; echo_flush; echo_sleep 0.5; echo_end; }
    location = /huge { ${AUTH} echo_duplicate 200000000 x; }
    location = /reset { reset_timedout_connection on; return 444; }
    location = /malformed { ${AUTH} default_type application/json; echo '{"user": '; }
    location = /redir-out { return 302 ${config.thiefUrl}/stolen; }
    location = /redir-307 { return 307 ${config.thiefUrl}/stolen; }
    location = /redir-loop { return 302 /redir-loop; }
    location = /redir-scheme { return 302 file:///etc/passwd; }
    location / { return 404; }`;
}

/** One process with one event loop, so that the order of the access log is the order of the answers. */
export function nginxConf(config: NginxConfig): string {
  const { folder, ports } = config;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const tls = `ssl_certificate ${config.server.certFile}; ssl_certificate_key ${config.server.keyFile};`;
  return `
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log stderr warn;
events { worker_connections 2048; }
http {
  ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ')}
  log_format json escape=json '{"method":"$request_method","uri":"$request_uri","status":$status,"user":"$remote_user",'
    '"authorization":"$http_authorization","scheme":"$scheme","client":"$ssl_client_s_dn","connection":$connection}';
  access_log ${join(folder, 'access.log')} json;
  keepalive_timeout 60s;
  server_tokens off;
  server { listen 127.0.0.1:${ports.plain}; ${locations(config)} }
  server { listen 127.0.0.1:${ports.tls} ssl; ${tls} ${locations(config)} }
  server {
    listen 127.0.0.1:${ports.mutualTls} ssl; ${tls}
    ssl_verify_client on; ssl_client_certificate ${config.clientCAFile};
    ${locations(config)}
  }
}
`;
}
