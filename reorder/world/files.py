"""Stub."""
def read_bytes(path): return open(path,"rb").read()
def find_dockerfiles(path):
    import os
    for d,dn,fn in os.walk(path):
        for f in sorted(fn):
            if f.startswith("Dockerfile"): yield os.path.join(d,f)
def write_all(files):
    for p,b in files: open(p,"wb").write(b)
