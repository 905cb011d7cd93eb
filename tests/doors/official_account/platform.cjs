// WeChat's side of a push, by npm's wechat-crypto: encrypts and signs a message, posts it, decrypts what comes back.
// Reads {address, token, key, appid, message, json} from standard input, writes {status, reply} to standard output.
const http = require("node:http");
const WXBizMsgCrypt = require("wechat-crypto");

const told = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const crypt = new WXBizMsgCrypt(told.token, told.key, told.appid);
const timestamp = String(Math.floor(Date.now() / 1000));
const nonce = String(Math.floor(Math.random() * 1e9));
const encrypted = crypt.encrypt(told.message);
const query = new URLSearchParams({
  timestamp, nonce, encrypt_type: "aes", msg_signature: crypt.getSignature(timestamp, nonce, encrypted),
});
const body = told.json
  ? JSON.stringify({ ToUserName: "gh_0123456789ab", Encrypt: encrypted })
  : `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;

const member = (text, name) => {
  const found = told.json
    ? new RegExp(`"${name}":\\s*"?([^",}]*)`).exec(text)
    : new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^\\]<]*)`).exec(text);
  return found && found[1];
};

const request = http.request(`${told.address}?${query}`, { method: "POST" }, (answer) => {
  const parts = [];
  answer.on("data", (part) => parts.push(part));
  answer.on("end", () => {
    const text = Buffer.concat(parts).toString("utf8");
    const sealed = member(text, "Encrypt");
    let reply = text;
    if (sealed) {
      const signature = crypt.getSignature(member(text, "TimeStamp"), member(text, "Nonce"), sealed);
      if (signature !== member(text, "MsgSignature")) throw new Error("the answer's signature is wrong");
      const opened = crypt.decrypt(sealed);
      if (opened.id !== told.appid) throw new Error("the answer is sealed for another account");
      reply = opened.message;
    }
    process.stdout.write(JSON.stringify({ status: answer.statusCode, reply }));
  });
});
request.end(body);
