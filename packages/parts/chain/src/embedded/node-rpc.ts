// Calls to the anvil behind the gate. Nothing is tried again here: a second evm_mine would be a second block.
export interface NodeRpc {
  call<T>(method: string, params: readonly unknown[]): Promise<T>;
  /** All answers, in the order of the calls; the first failure is thrown. */
  batch<T>(calls: ReadonlyArray<{ readonly method: string; readonly params: readonly unknown[] }>): Promise<T[]>;
  close(): Promise<void>;
}

export function connectNode(port: number): NodeRpc {
  let id=0;
  const post = async (body: unknown) => { const r = await fetch("http://127.0.0.1:"+port,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(body)}); return r.json() as Promise<any> };
  const un = (r: any) => { if (r.error) throw new Error(JSON.stringify(r.error)); return r.result; };
  return {
    call: async (method, params) => un(await post({jsonrpc:"2.0",id:++id,method,params})),
    batch: async (calls) => calls.length===0?[]:(await post(calls.map(c=>({jsonrpc:"2.0",id:++id,...c})))).map(un),
    close: async () => {},
  };
}
