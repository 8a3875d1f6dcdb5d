import { defineConfig } from "vite";

// A dashboard under development talks to the daemon named here.
const daemon = process.env.FRONTIERD ?? "http://127.0.0.1:50051";

export default defineConfig({
  // The page is served by the daemon itself, at the root of its address.
  base: "/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // Everything is a file of its own: the page may load nothing inline.
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
    reportCompressedSize: true,
  },
  server: {
    // The daemon refuses pages of another origin than its own.
    proxy: { "/frontier.v1.": { target: daemon, changeOrigin: true, headers: { origin: daemon } } },
  },
});
