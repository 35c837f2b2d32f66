"""Stub."""
import difflib
def unified_diff(old,new,path):
    return "\n".join(difflib.unified_diff((old or "").split("\n"),new.split("\n"),"a/"+path,"b/"+path,lineterm=""))+"\n"
