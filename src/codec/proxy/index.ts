/**
 * What a load balancer says of the caller before the caller speaks: PROXY protocol, versions 1 and 2.
 * States and what must never happen: proxy-reader.ts. Carries M1. XCLIENT, its sister inside SMTP, is in `codec/smtp`.
 */
export { type Endpoint, ProxyReader, type ProxyStep, proxyHeaderBytesMax } from './proxy-reader.ts';
