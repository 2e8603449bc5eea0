/** One published range: `hostPort..hostPort+range-1` of `hostIp` lead to `containerPort..`. */
export interface PortMapping {
  /** An IPv4 or IPv6 address without brackets; empty: all addresses of both families. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly range: number;
  readonly protocol: 'tcp' | 'udp';
}
