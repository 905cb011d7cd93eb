// The camera where the browser can read codes itself; typing and pasting everywhere. One tap begins, one tap goes on.
const field = document.getElementById("code");
const form = document.getElementById("scan");
const button = document.getElementById("open-camera");
const video = document.getElementById("camera");
const note = document.getElementById("camera-note");
const result = document.getElementById("result");
// A finger would see the keyboard jump over the result; a keyboard or a hand scanner wants the field at once.
const byKeyboard = matchMedia("(pointer: fine)").matches;

function say(text) {
  note.textContent = text;
  note.hidden = !text;
}

function typeInstead(text) {
  say(text);
  field.focus();
}

function stop() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
}

async function look(detector) {
  if (!video.srcObject) return;
  const found = await detector.detect(video).catch(() => []);
  if (!found.length) return requestAnimationFrame(() => look(detector));
  stop();
  field.value = found[0].rawValue;
  form.requestSubmit();
}

async function openCamera() {
  if (video.srcObject) return stop();
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) {
    return typeInstead("这台设备不能直接扫码，请输入或粘贴");
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return typeInstead("没有相机权限，请输入或粘贴");
  }
  say("");
  video.hidden = false;
  await video.play();
  look(new BarcodeDetector({ formats: ["qr_code", "code_128"] }));
}

button.addEventListener("click", openCamera);
new MutationObserver(() => {
  say("");
  field.value = "";
  button.textContent = button.dataset.next;
  if (byKeyboard) field.focus();
}).observe(result, { childList: true });
if (byKeyboard) field.focus();
